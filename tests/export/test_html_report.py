"""The report is one file that needs nothing else and escapes what it is given."""

import dataclasses
import re

from eca_viz.analysis.saliency import SCORE_COLUMNS, describe
from eca_viz.export.html_report import report
from eca_viz.images.encoding import data_url
from eca_viz.images.reading import read_image
from eca_viz.records import Explanation
from tests.factories import make_pixels, make_scorecard


def test_needs_nothing_from_elsewhere(explained: Explanation) -> None:
    page = report(explained)
    assert not re.search(r"<(script|link|img|iframe)[^>]+(src|href)=[\"']?(https?:)?//", page)
    pictures = page.replace("\\u002f", "/").count(data_url(explained.seen))
    assert pictures == 1 + len(explained.saliency)
    assert page.count('class="plotly-graph-div"') == 5 + len(explained.attention) + 1
    assert len(page) < 8_000_000


def test_takes_plotly_from_beside_it_where_it_is_told_so(explained: Explanation) -> None:
    """The address is the only reference, and all the rest is the same."""
    page = report(explained, "../plotly.min.js")
    references = re.findall(r"<[^>]+\s(?:src|href)=[\"']?(?!data:)([^\s\"'>]+)", page)
    assert references == ["../plotly.min.js"]
    assert not re.search(r"(import|fetch|url)\([\"']?(https?:)?//", page)
    assert page.count('class="plotly-graph-div"') == 5 + len(explained.attention) + 1
    assert len(page) < len(report(explained)) - 4_000_000


def test_a_network_without_attention_is_said_to_have_none(explained: Explanation) -> None:
    page = report(dataclasses.replace(explained, attention=()))
    assert "This network has no attention layers." in page
    assert page.count('class="plotly-graph-div"') == 1 + len(explained.saliency)
    assert "<h2>Kernels</h2>" not in page


def test_shows_prediction_layers_and_methods(explained: Explanation) -> None:
    page = report(explained)
    assert f"Saliency for {explained.predictions[0].label}" in page
    for record in explained.attention:
        assert f"<h3>{record.layer}</h3>" in page
    for saliency in explained.saliency:
        assert saliency.title in page


def test_without_saliency(explained: Explanation) -> None:
    page = report(dataclasses.replace(explained, saliency=()))
    assert "<h2>Kernels</h2>" in page
    assert "Saliency for" not in page


def test_a_hostile_name_stays_text(explained: Explanation) -> None:
    image = read_image(make_pixels(), "<script>alert(1)</script>$title.png")
    page = report(dataclasses.replace(explained, image=image))
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;$title.png" in page


def test_the_scorecard_with_a_sentence_for_each_score(explained: Explanation) -> None:
    assert "<h3>Scorecard</h3>" not in report(explained)
    page = report(dataclasses.replace(explained, scorecard=make_scorecard(2)))
    assert "<h3>Scorecard</h3>" in page
    assert "Nothing to score: Grad-CAM." in page
    assert all(f"<dt>{name}</dt>" in page for name in SCORE_COLUMNS)
    assert page.count('class="plotly-graph-div"') == 8 + len(explained.attention)
    empty = dataclasses.replace(make_scorecard(0), scores=())
    page = report(dataclasses.replace(explained, scorecard=empty))
    assert "Nothing to score" in page
    assert page.count('class="plotly-graph-div"') == 6 + len(explained.attention)


def test_describes_a_map_in_words(explained: Explanation) -> None:
    signed, coarse = explained.saliency
    assert "Integrated Gradients" in describe(signed)
    assert "Convergence delta" in describe(signed)
    assert "Convergence delta" not in describe(coarse)
    assert "Layer: last stage." in describe(coarse)
