"""Parameters in the sentences of their errors."""

import pickle

import pytest

from eca_viz.errors import SaliencyError
from eca_viz.locale import texts
from eca_viz.locale.texts import Text, text, tr
from eca_viz.settings import Choice, Param, complete

SEED = Param("seed", text("Seed of the order"), 0, 0, 99, 1)
KIND = Choice("kind", text("Kind of path"), "straight", ("straight", "curved"))


def refused(**given: float | str) -> Text:
    with pytest.raises(SaliencyError) as caught:
        complete("one", (SEED, KIND), given, SaliencyError)
    (said,) = pickle.loads(pickle.dumps(caught.value)).args
    assert isinstance(said, Text)
    return said


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"seed": 100}, "got seed = 100; seed of the order goes from 0 to 99"),
        ({"seed": 0.5}, "got seed = 0.5; give a whole number"),
        ({"seed": "a"}, "got seed = 'a'; give a number"),
        ({"kind": "bent"}, "got kind = 'bent'; kind of path is one of: straight, curved"),
        ({"size": 1}, "one has no parameter size; its parameters are: seed, kind"),
    ],
)
def test_an_error_is_the_same_sentence_for_every_english_reader(
    given: dict[str, float | str], sentence: str
) -> None:
    assert refused(**given) == tr(refused(**given)) == sentence


def test_a_title_inside_a_sentence_is_translated(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {
        "got {name} = {value}; {title} goes from {low} to {high}": "{title}: {low}–{high}",
        "Seed of the order": "次序 A",
    }
    monkeypatch.setattr(texts, "_catalogue", lambda language: known if language == "zh" else {})
    with texts.speaking("zh"):
        assert tr(refused(seed=100)) == "次序 A: 0–99"
