"""The app in another language than English."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from eca_viz.locale.texts import LANGUAGES, speaking, tr
from eca_viz.networks.registry import NETWORKS
from eca_viz.ui import state
from eca_viz.ui.language import originals
from eca_viz.ui.lesson.steps import STEPS
from eca_viz.ui.pages import PAGES
from tests.locale.catalogue import forms, in_code
from tests.ui.factories import healthy, make_app, png

LETTERS = re.compile(r"[A-Za-z]{2,}")


def phrases() -> list[bytes]:
    """Parts of at least four words of the English messages, without their values."""
    found = set()
    for message in in_code():
        for form in forms(message.id):
            for part in re.split(r"\{[^{}]*\}", form):
                words = LETTERS.findall(part)
                if len(words) >= 4:
                    found.add(part.strip().encode())
    return sorted(found)


def drawn(node: Any) -> Iterator[bytes]:
    """All that the server sends of a page, but what the browser gets to translate addresses.

    Of a table it is the heads, which the page shows in place of the columns' names.
    """
    for child in getattr(node, "children", {}).values():
        yield from drawn(child)
    proto = getattr(node, "proto", None)
    if node.type == "dataframe":
        for column in json.loads(proto.columns).values():
            yield str(column.get("label")).encode()
    elif proto is not None and node.type != "bidi_component":
        yield proto.SerializeToString()


@pytest.fixture
def chinese(app: AppTest) -> AppTest:
    app.query_params[state.LANGUAGE] = "zh"
    return app


@pytest.mark.parametrize("entry", PAGES, ids=lambda entry: entry.url_path)
def test_every_page_is_in_chinese(entry: Any, chinese: AppTest) -> None:
    with speaking("zh"):  # AppTest asks for the texts of options in this thread
        chinese.run()
        chinese.switch_page(f"../pages/{entry.script.name}")
        healthy(chinese.run())
        assert chinese.title[0].value == tr(entry.title) != entry.title
    sent = b"\n".join(drawn(chinese.main)) + b"\n".join(drawn(chinese.sidebar))
    assert [phrase.decode() for phrase in phrases() if phrase in sent] == []


def test_the_address_is_english_in_every_language(chinese: AppTest) -> None:
    chinese.query_params[state.ATTENTION_TAB] = "Feature maps"
    healthy(chinese.run())
    with speaking("zh"):
        translated = tr("Feature maps")
    assert chinese.session_state[state.ATTENTION_TAB] == translated != "Feature maps"

    english = make_app()
    english.query_params[state.ATTENTION_TAB] = translated
    healthy(english.run())
    assert english.session_state[state.ATTENTION_TAB] == "Feature maps"


def test_a_change_of_the_language_keeps_what_was_open_and_uploaded(app: AppTest) -> None:
    app.query_params[state.ATTENTION_TAB] = "Feature maps"
    healthy(app.run())
    app.file_uploader(key=state.UPLOADS).upload("cat.png", png(), "image/png")
    healthy(app.run())
    before = app.session_state[state.IMAGE]
    assert before.startswith(state.UPLOAD_PREFIX)
    for spoken, language in (("en", "zh"), ("zh", "en")):
        with speaking(spoken):
            app.sidebar.radio(key=state.LANGUAGE).set_value(language)
            healthy(app.run())
        with speaking(language):
            assert app.title[0].value == tr("Attention")
            assert app.session_state[state.ATTENTION_TAB] == tr("Feature maps")
        assert app.session_state[state.IMAGE] == before


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_network_whose_title_is_made_of_words_is_found_by_its_link(
    app: AppTest, language: str
) -> None:
    (title,) = (one.title for one in NETWORKS if one.name == "resnet_tiny_none")
    app.query_params[state.LANGUAGE] = language
    app.query_params[state.NETWORK] = str(title)
    with speaking(language):
        healthy(app.run())
        assert app.selectbox(key=state.NETWORK).value == "resnet_tiny_none"
        assert originals().get(tr(title), tr(title)) == title
    assert not app.warning


def test_a_step_is_found_by_its_link_also_where_its_id_is_a_word(chinese: AppTest) -> None:
    with speaking("zh"):
        words = [step.id for step in STEPS if tr(step.id) != step.id]
        assert "gate" in words
        chinese.query_params[state.LESSON_STEP] = "gate"
        chinese.run()
        chinese.switch_page("../pages/lesson.py")
        chinese.query_params[state.LESSON_STEP] = "gate"
        healthy(chinese.run())
        assert chinese.selectbox(key=f"{state.LESSON_PICKER}-gate").value == "gate"
        assert not chinese.warning
