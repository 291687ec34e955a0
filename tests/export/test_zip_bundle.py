"""The one file holds the figures, the same numbers as Python gives, and the way back to them."""

import io
import json

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from eca_viz import figures
from eca_viz.export.zip_bundle import MOST_REPORTS, bundle
from eca_viz.figures.drawn import Drawn, described
from eca_viz.records import Explanation
from tests.export.checks import check_snippet, check_table, opened

LINK = "http://localhost:8501/?photo=Cat"


@pytest.fixture(scope="module")
def drawn(explained: Explanation) -> Drawn:
    figure = figures.overview(explained.attention)
    figure = described(figure, caption="Look <here>.", alt="All layers")
    return Drawn("overview", figure, "<svg/>")


def test_of_one_explanation_everything_lies_at_the_top(
    explained: Explanation, drawn: Drawn, tmp_path
) -> None:
    table = pd.DataFrame({"k": [3, 5]})
    found = opened(bundle({"china": explained}, [drawn], tables={"kernels": table}, link=LINK))
    assert set(found) == {
        "attention.csv",
        "attention.parquet",
        "explanation.json",
        "report.html",
        "seen.png",
        "kernels.csv",
        "figures/plotly.min.js",
        "figures/01-overview.html",
        "figures/01-overview.svg",
    }
    check_table(pd.read_csv(io.BytesIO(found["attention.csv"])), explained)
    check_table(pd.read_parquet(io.BytesIO(found["attention.parquet"])), explained)
    assert pd.read_csv(io.BytesIO(found["kernels.csv"]))["k"].tolist() == [3, 5]
    np.testing.assert_array_equal(Image.open(io.BytesIO(found["seen.png"])), explained.seen)
    manifest = json.loads(found["explanation.json"])
    assert manifest["link"] == LINK
    assert manifest["link_shows"].startswith("the same view, unless")
    check_snippet(manifest["snippet"], explained, tmp_path)


def test_a_figures_page_finds_plotly_beside_it(explained: Explanation, drawn: Drawn) -> None:
    found = opened(bundle({"china": explained}, [drawn]))
    page = found["figures/01-overview.html"].decode()
    assert '<script src="plotly.min.js">' in page
    assert "Look &lt;here&gt;." in page
    assert "<title>All layers</title>" in page
    assert "layer4.1.eca" in page
    assert len(page) < 500_000
    assert "link" not in json.loads(found["explanation.json"])


def test_drawings_lie_beside_the_figures(explained: Explanation, drawn: Drawn) -> None:
    found = opened(bundle({"china": explained}, [drawn], pictures={"block": "<svg>ω</svg>"}))
    assert found["figures/block.svg"].decode() == "<svg>ω</svg>"


def test_of_several_each_has_a_folder(explained: Explanation) -> None:
    found = opened(bundle({"a": explained, "b": explained}, []))
    assert {name.partition("/")[0] for name in found} == {"a", "b"}
    assert found["a/attention.csv"] == found["b/attention.csv"]
    assert "a/report.html" in found
    many = {str(number): explained for number in range(MOST_REPORTS + 1)}
    assert not [name for name in opened(bundle(many, [])) if "report" in name]


def test_a_figure_without_an_svg_is_there_all_the_same(
    explained: Explanation, drawn: Drawn
) -> None:
    plain = Drawn(drawn.key, drawn.figure)
    found = opened(bundle({"china": explained}, [plain]))
    assert [name for name in found if "overview" in name] == ["figures/01-overview.html"]
