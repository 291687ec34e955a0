"""Messages: in which language they are, what they remember, and that readers do not meet."""

import pickle
from concurrent.futures import ThreadPoolExecutor

import pytest

from eca_viz.errors import ImageError
from eca_viz.locale import texts
from eca_viz.locale.texts import ENGLISH, LANGUAGES, Text, carried, speaking, text, tr, trn


@pytest.fixture(autouse=True)
def _catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {
        "{n} layers of {what}": "{what}的 {n} 层",
        "one network": "一个网络",
        "{n} layer": "{n} 层",
        "{n} layers": "{n} 层",
        "{{C}} = {n:,}": "{n:,} = {{C}}",
        "Layer": "层",
        "layer": "层",
    }
    catalogues = {ENGLISH: {}, "zh": known}
    monkeypatch.setattr(texts, "_catalogue", catalogues.__getitem__)
    monkeypatch.setattr(texts, "_short", texts._short.__wrapped__)
    monkeypatch.setattr(texts, "_originals", lambda: (texts._inverse(known),))


def test_a_message_is_in_the_language_that_is_spoken() -> None:
    assert tr("{n} layers of {what}", n=3, what="a") == "3 layers of a"
    with speaking("zh"):
        assert texts.spoken() == "zh"
        assert tr("{n} layers of {what}", n=3, what="a") == "a的 3 层"
        assert tr("{{C}} = {n:,}", n=2048) == "2,048 = {C}"
        assert tr("in no catalogue") == "in no catalogue"
    assert texts.spoken() == ENGLISH


def test_values_that_are_messages_are_translated_with_it() -> None:
    said = text("{n} layers of {what}", n=3, what=text("one network"))
    assert said == "3 layers of one network"
    with speaking("zh"):
        assert tr(said) == "一个网络的 3 层"


def test_a_message_with_braces_and_no_values_is_taken_as_it_is() -> None:
    assert text(r"\frac{1}{C}") == tr(r"\frac{1}{C}") == r"\frac{1}{C}"


def test_the_form_follows_the_number() -> None:
    said = [trn("{n} layer", "{n} layers", n) for n in (0, 1, 2)]
    assert said == ["0 layers", "1 layer", "2 layers"]
    assert texts.textn("{n} layer", "{n} layers", 1).message == "{n} layer"
    with speaking("zh"):
        assert tr(texts.textn("{n} layer", "{n} layers", 1)) == "1 层"


def test_an_error_is_translated_also_after_it_came_from_another_process() -> None:
    error = ImageError(text("{n} layers of {what}", n=3, what=text("one network")))
    for one in (error, pickle.loads(pickle.dumps(error))):
        assert str(one) == "3 layers of one network"
        with speaking("zh"):
            assert tr(one) == "一个网络的 3 层"
    with speaking("zh"):
        assert tr(ImageError("plain")) == "plain"
        assert tr(Exception()) == ""


def test_a_text_is_a_string() -> None:
    said = text("one network")
    assert isinstance(said, str)
    assert {said: 1}["one network"] == 1
    assert type(pickle.loads(pickle.dumps(said))) is Text


def test_threads_do_not_hear_each_other() -> None:
    with ThreadPoolExecutor(1) as pool, speaking("zh"):
        assert pool.submit(tr, "one network").result() == "one network"
        assert pool.submit(carried(tr), "one network").result() == "一个网络"
        assert pool.submit(tr, "one network").result() == "one network"


def test_the_english_of_a_translation_is_found() -> None:
    assert texts.english("一个网络") == "one network"
    assert texts.english("一只猫") == "一只猫"
    assert texts.english("层") == "Layer"  # the title of a tab, not the name of a column
    with speaking("zh"):
        assert texts.short_originals() == {"一个网络": "one network", "层": "Layer"}
    assert texts.short_originals() == {}


def test_languages_have_catalogues() -> None:
    assert {path.stem for path in texts.CATALOGUES.glob("*.po")} == LANGUAGES.keys() - {ENGLISH}
