"""What is said of an image by its familiarity."""

import dataclasses

import pytest

from eca_viz.analysis.familiarity import familiarity_note, headline, probably_none
from tests.factories import side


@pytest.mark.parametrize(
    ("familiarity", "words"),
    [
        (None, "Prediction: cat"),
        (1.0, "Prediction: cat"),
        (0.2, "Prediction: cat"),
        (0.19, "Prediction with doubt: cat"),
        (0.05, "Prediction with doubt: cat"),
        (0.049, "Probably none of its 3 classes; nearest: cat"),
        (0.0, "Probably none of its 3 classes; nearest: cat"),
    ],
)
def test_the_headline_doubts_what_is_unfamiliar(familiarity: float | None, words: str) -> None:
    explanation = dataclasses.replace(side([]), familiarity=familiarity)
    assert headline(explanation) == words
    assert probably_none(familiarity) == words.startswith("Probably none")


def test_the_number_stands_in_a_sentence() -> None:
    assert familiarity_note(side([])) == ""
    note = familiarity_note(dataclasses.replace(side([]), familiarity=0.034))
    assert note.startswith("Familiarity 3%: the share of")
