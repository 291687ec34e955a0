"""Every figure brings its caption and its text for screen readers with it."""

import pytest

from eca_viz import figures
from eca_viz.figures.drawn import alt_of, caption_of, described
from eca_viz.records import Explanation, Prediction
from tests.figures.figure_cases import of_a_channel, of_layers, of_many_images, of_results


def check(caption: str) -> None:
    """A sentence on what to look for, and one on what is not proved."""
    assert caption.count(". ") >= 1
    assert caption.endswith(".")
    assert "Look " in caption
    assert any(word in caption for word in (" not ", "cannot", "need not")), caption


@pytest.mark.parametrize("draw", [of_a_channel, of_layers, of_results, of_many_images])
def test_every_caption_says_what_to_look_for_and_what_is_not_proved(draw) -> None:
    for name, figure in draw().items():
        check(caption_of(figure))
        assert caption_of(figure).startswith("Look ") or name == "channel saliency"


def test_so_do_the_captions_below_several_maps() -> None:
    for caption in (figures.OVERLAY_MAPS, figures.OVERLAY_DIFFERENCE):
        check(caption)
        assert caption.startswith("Look ")


@pytest.mark.parametrize("draw", [of_a_channel, of_layers, of_results, of_many_images])
def test_every_figure_has_a_text_for_screen_readers(draw) -> None:
    assert all(alt_of(figure) for figure in draw().values())


def test_captions_are_those_of_what_is_drawn() -> None:
    drawn = of_a_channel()
    assert "same taps" in caption_of(drawn["window of ceca"])
    assert "its own coefficients" in caption_of(drawn["window of eca_ns"])
    assert "eight images" in caption_of(of_layers()["overview of differences"])


def test_an_overlay_is_described_in_words(explained: Explanation) -> None:
    saliency = explained.saliency[0]
    figure = figures.saliency_overlay(explained.seen, saliency, limit=1.0)
    assert caption_of(figure).startswith(saliency.title)
    assert explained.predictions[0].label in alt_of(figure)


def test_a_page_can_put_another_caption_below() -> None:
    figure = figures.predictions([Prediction(0, "cat", 0.5)])
    alt = alt_of(figure)
    changed = described(figure, caption="Another.")
    assert (caption_of(changed), alt_of(changed)) == ("Another.", alt)
    assert (caption_of(described(changed, alt="A cat")), alt_of(changed)) == ("Another.", "A cat")
