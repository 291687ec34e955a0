"""Pages are in the language that is spoken; what programs read is the same in all of them."""

import re
from pathlib import Path

import pytest

from eca_viz.errors import SelectionError
from eca_viz.export.charts import show
from eca_viz.export.files import csv, manifest_json, parquet, snippet
from eca_viz.export.html_report import report
from eca_viz.export.notebook import explanation_html, layer_html
from eca_viz.export.zip_bundle import bundle
from eca_viz.figures.drawn import Drawn
from eca_viz.locale.texts import speaking, tr
from eca_viz.records import Explanation
from tests.export.checks import opened
from tests.locale.marked import brackets

PLOTLY = "plotly.min.js"


def test_a_report_names_its_language(explained: Explanation) -> None:
    assert '<html lang="en">' in report(explained, PLOTLY)
    with speaking("zh"):
        page = report(explained, PLOTLY)
    assert '<html lang="zh-Hans">' in page
    assert "Noto Sans CJK SC" in page


def test_so_does_the_page_of_a_figure(explained: Explanation) -> None:
    with speaking("zh"):
        drawn = Drawn("overview", show(explained), "")
        page = opened(bundle({}, [drawn]))["figures/01-overview.html"].decode()
    assert '<html lang="zh-Hans">' in page


def test_all_that_a_report_says_is_translated(explained: Explanation, tmp_path: Path) -> None:
    with brackets(tmp_path):
        page = report(explained, PLOTLY)
    layers = {record.layer for record in explained.attention}
    headings = re.findall(r"<(h\d|th)[^>]*>(.*?)</\1>", page)
    left = {words for _, words in headings if "⟦" not in words} - layers
    assert left <= {f"Prediction: {explained.predictions[0].label}"}
    assert not re.search(r'<img [^>]*alt="[^⟦]', page)


def test_so_is_what_a_notebook_shows(explained: Explanation, tmp_path: Path) -> None:
    with brackets(tmp_path):
        pages = [explanation_html(explained), layer_html(explained.attention[0])]
    for page in pages:
        assert not re.search(r'<img [^>]*alt="[^⟦]', page)
    heads = re.findall(r"<th [^>]*>(.*?)</th>", pages[0])
    assert [head for head in heads if "⟦" not in head] == ["C"]
    assert "⟦Strongest channels: " in pages[1]


@pytest.mark.parametrize("write", [manifest_json, csv, parquet, snippet])
def test_files_for_programs_are_the_same(write, explained: Explanation, tmp_path: Path) -> None:
    english = write(explained)
    with brackets(tmp_path):
        assert write(explained) == english


def test_an_error_can_be_translated(explained: Explanation, tmp_path: Path) -> None:
    with pytest.raises(SelectionError, match="has no chart 'pie'") as raised:
        show(explained, "pie")
    with brackets(tmp_path):
        assert tr(raised.value).startswith("⟦Explanation has no chart 'pie'; give one of ")
