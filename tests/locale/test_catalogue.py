"""Every text is a message, every message is translated, and no translation is left over."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from eca_viz.locale.texts import ENGLISH, LANGUAGES, TITLE
from tests.locale.catalogue import KEYWORDS, PACKAGE, catalogue, forms, in_code, translated

OTHERS = sorted(LANGUAGES.keys() - {ENGLISH})
VALUE = re.compile(r"\{[^{}]*\}")
FUNCTIONS = tuple(KEYWORDS)
# Folders whose texts a person reads.
READ = ("ui", "figures", "analysis", "export")
# Words that begin like a sentence, and sentences.
PROSE = re.compile(r"^[A-Z][a-z]+( |$)|[A-Za-z]{2,} [a-z]{2,}")

# What looks like one and is none: names that Streamlit, Plotly and CSS know, keys of results, code
# and what it says of itself in files for programs, text for a terminal, names of both languages.
KEPT = {
    *("Html", "Radio", "Selectbox", "Checkbox", "Button", "Left", "Right", "Esc", "top center"),
    *("Cividis", "Viridis", "Source Sans, Source Sans Pro, system-ui, "),
    "Noto Sans CJK SC, Noto Sans SC, Microsoft YaHei, PingFang SC, WenQuanYi Micro Hei,"
    " Hiragino Sans GB",
    *("channel saliency", "channel effects", "layer effects"),
    *("half of each", "weighted average", "hard sigmoid"),
    *("import eca_viz\n", "from eca_viz.images.samples import find_sample\n"),
    *("\n# `network` is what eca_viz.Network.wrap gave.\n", "\n# `tensors` are those of "),
    "the same view, unless an uploaded file is part of it",
    "the same view with a sample in place of the uploaded image",
    # Of the server, before there is a page.
    "eca_viz does not answer under the name ",
    ". Where it is its own, start the app with eca-viz app --host NAME, or streamlit run app.py"
    " --server.allowedHosts NAME.\n",
    *("another name", "PyTorch and the first network are being loaded"),
    "there is a number for each folder",
    *(" classes by ", "Parquet", "Language · 语言"),
}


def called(node: ast.AST) -> str:
    """The name of the function that is called."""
    if not isinstance(node, ast.Call):
        return ""
    function = node.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def messages(tree: ast.AST) -> Iterator[str]:
    """The messages that are given to the functions of `texts`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and called(node) in FUNCTIONS:
            count = 2 if called(node).endswith("n") else 1
            for given in node.args[:count]:
                if isinstance(given, ast.Constant) and isinstance(given.value, str):
                    yield given.value


def test_what_is_extracted_is_what_the_code_says() -> None:
    """Babel reads tokens: in Python 3.11 it does not see a call inside an f-string."""
    found = {form for message in in_code() if message.id for form in forms(message.id)}
    said = set()
    for path in PACKAGE.rglob("*.py"):
        said |= set(messages(ast.parse(path.read_text(encoding="utf-8"))))
    assert said - found == set()
    assert found - said == set()


@pytest.mark.parametrize("language", OTHERS)
def test_no_message_is_missing_and_none_is_left_over(language: str) -> None:
    there = {message.id: message for message in catalogue(language) if message.id}
    wanted = {message.id for message in in_code() if message.id}
    assert wanted - there.keys() == set()
    assert there.keys() - wanted == set()
    assert [message.id for message in there.values() if not translated(message)] == []
    assert [message.id for message in there.values() if message.fuzzy] == []


@pytest.mark.parametrize("language", OTHERS)
def test_translations_have_the_values_of_their_message(language: str) -> None:
    for message in catalogue(language):
        if message.id:
            values = set(VALUE.findall(forms(message.id)[-1]))
            for said in forms(message.string):
                assert set(VALUE.findall(said)) == values, said


# Labels and headings that are called as another text; no address holds them.
LABELS = {"Mechanism", "Class", "Image", "Download it", "The taps of each layer"}


@pytest.mark.parametrize("language", OTHERS)
def test_tabs_and_options_have_names_of_their_own(language: str) -> None:
    """An address holds their English, which is found by what they are called in the language."""
    titles = {
        message.id: str(message.string)
        for message in catalogue(language)
        if isinstance(message.id, str) and message.id[:1].isupper() and "{" not in message.id
    }
    short = {one: said for one, said in titles.items() if len(one) <= TITLE and one not in LABELS}
    shared = Counter(short.values())
    assert {one: said for one, said in short.items() if shared[said] > 1} == {}


def unmarked(path: Path) -> Iterator[str]:
    """Texts of a module that are in no message; markup and the names of types are no texts."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    passed: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            passed |= {id(one.value) for one in node.body if isinstance(one, ast.Expr)}
        if called(node) in FUNCTIONS:
            passed |= {id(one) for one in ast.walk(node)}
        types = [getattr(node, name, None) for name in ("annotation", "returns")]
        passed |= {id(one) for kind in types if kind for one in ast.walk(kind)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in passed:
            said = node.value
            if isinstance(said, str) and "<" not in said and PROSE.search(said):
                yield said


def test_no_text_of_a_page_or_a_figure_is_left_unmarked() -> None:
    marked = {form for message in in_code() if message.id for form in forms(message.id)}
    found = {
        said: str(path.relative_to(PACKAGE))
        for folder in READ
        for path in sorted((PACKAGE / folder).rglob("*.py"))
        for said in unmarked(path)
        if said not in marked
    }
    assert {said: place for said, place in found.items() if said not in KEPT} == {}
    assert KEPT - found.keys() == set()
