"""What figures say is in the language that is spoken where they are drawn."""

import re
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

import plotly.graph_objects as go
import pytest

from eca_viz.figures.drawn import alt_of, caption_of
from tests.figures.block_cases import CASES, drawn
from tests.figures.figure_cases import of_a_channel, of_layers, of_many_images, of_results
from tests.locale.marked import brackets

WORD = re.compile(r"[A-Za-z]{3,}")
# Names of layers, classes and functions, and what the records of these tests are called.
KEPT = re.compile(
    r"layer\d[\w.]*|stage\w*|cat|dog|hard|sigmoid|tanh|ReLU|nan|picked|share|All ones|ECA"
)
SHOWN = {"text", "title", "ticktext", "hovertemplate", "prefix", "label"}


@pytest.fixture(scope="module", autouse=True)
def marked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with brackets(tmp_path_factory.mktemp("locale")):
        yield


def untranslated(words: str) -> str:
    """What stands outside all brackets, without names and tags."""
    depth, outside = 0, ""
    for character in re.sub(r"%\{[^}]*\}|<[^>]*>", " ", words):
        depth += {"⟦": 1, "⟧": -1}.get(character, 0)
        outside += character if depth == 0 else ""
    return KEPT.sub("", outside)


def said(part: Any, key: str = "") -> Iterator[str]:
    """The texts of a figure that a person sees."""
    if isinstance(part, dict):
        for name, value in part.items():
            if name != "template":
                yield from said(value, name)
    elif isinstance(part, list | tuple):
        for value in part:
            yield from said(value, key)
    elif isinstance(part, str) and key in SHOWN:
        yield part


@pytest.mark.parametrize("draw", [of_a_channel, of_layers, of_results, of_many_images])
def test_every_text_of_a_figure_is_translated(draw) -> None:
    for name, figure in draw().items():
        assert "⟦" in alt_of(figure), name
        assert "⟦" in caption_of(figure), name
        left = [words for words in texts_of(figure) if WORD.search(untranslated(words))]
        assert not left, (name, left)


def texts_of(figure: go.Figure) -> Iterator[str]:
    yield alt_of(figure)
    yield from said(figure.to_plotly_json())


@pytest.mark.parametrize("name", CASES)
def test_so_is_every_text_of_the_block(name: str) -> None:
    picture = drawn(CASES[name])
    assert picture.caption.startswith("⟦")
    assert not WORD.search(untranslated(picture.alt))
    words = (one.text for one in ElementTree.fromstring(picture.svg).iter() if one.text)
    # As a whole, since what stands in one pair of brackets may be on several lines.
    assert not WORD.findall(untranslated(" ".join(words)))
