"""Texts in the language of the reader.

Messages are written in English in the code. `tr("{n} layers", n=3)` is a message in the language
that is spoken where it is called; `text(…)` is the same message in English that can be translated
later, for constants, records and errors, which are made where no reader is known. The other
languages are gettext catalogues in `eca_viz/locale`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, wraps
from pathlib import Path
from types import MappingProxyType
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

ENGLISH = "en"
# By the name that stands in an address: what the language is called in itself.
LANGUAGES = MappingProxyType({ENGLISH: "English", "zh": "中文"})
# The longest text of an option or a tab.
TITLE = 48
CATALOGUES = Path(__file__).parent

_spoken: ContextVar[str] = ContextVar("language", default=ENGLISH)


class Text(str):
    """A message in English, which remembers what it was made of so that it can be translated.

    Attributes:
        message: the message as it stands in the catalogues; of a plural, the one for its number.
        values: what stands in its braces.
    """

    __slots__ = ("message", "values")

    message: str
    values: Mapping[str, Any]

    def __new__(cls, message: str, values: Mapping[str, Any] | None = None) -> "Text":
        made = super().__new__(cls, message.format_map(values) if values else message)
        made.message, made.values = str(message), values or {}
        return made

    def lower(self) -> "Text":
        """In lower case, as inside an English sentence; a translation stays as it is."""
        return _as_written(super().lower(), self.message, self.values)

    def mapped(self, function: Callable[[str], str]) -> "Text":
        """With the English and the values that are texts changed, as by escaping what they quote.

        Args:
            function: changes a text.
        """
        values = {name: _mapped(value, function) for name, value in self.values.items()}
        return _as_written(function(str(self)), self.message, values)

    def __reduce__(self) -> tuple[Any, tuple[str, str, Mapping[str, Any]]]:
        return _as_written, (str(self), self.message, self.values)


def _mapped(value: Any, function: Callable[[str], str]) -> Any:
    if isinstance(value, Text):
        return value.mapped(function)
    return function(value) if isinstance(value, str) else value


def _as_written(english: str, message: str, values: Mapping[str, Any]) -> Text:
    """A Text whose English is not its message with the values, or not anew."""
    made = str.__new__(Text, english)
    made.message, made.values = message, values
    return made


def text(message: str, **values: Any) -> Text:
    """A message in English that can be translated later.

    Args:
        message: with the names of its values in braces, as for str.format. Without values it is
            taken as it is, braces too.
        **values: what stands in the braces; values of the type Text are translated with it.
    """
    return Text(message, values)


def tr(message: str | Exception, **values: Any) -> str:
    """A message in the language that is spoken; what no catalogue knows stays as it is.

    Args:
        message: with the names of its values in braces; or a Text, or an error that was raised
            with one.
        **values: what stands in the braces.
    """
    if isinstance(message, Exception):
        said = message.args[0] if message.args else ""
        return tr(said) if isinstance(said, Text) else str(message)
    if isinstance(message, Text):
        known = message.message in _catalogue(_spoken.get())
        return _said(message.message, message.values) if known or message.values else str(message)
    return _said(message, values)


def listed(items: Iterable[str]) -> str:
    """Items with the comma of the language that is spoken between them.

    Args:
        items: which are translated, where a catalogue knows them.
    """
    # Translators: between the items of a list.
    return tr(", ").join(map(tr, items))


def trn(one: str, many: str, n: int, **values: Any) -> str:
    """A message whose form depends on a number, which is its value `n`.

    Args:
        one: the message for n = 1.
        many: the message for any other number.
        n: the number.
        **values: further values.
    """
    return tr(one if n == 1 else many, n=n, **values)


def textn(one: str, many: str, n: int, **values: Any) -> Text:
    """As `trn`, in English and to be translated later.

    Args:
        one: the message for n = 1.
        many: the message for any other number.
        n: the number.
        **values: further values.
    """
    return text(one if n == 1 else many, n=n, **values)


def spoken() -> str:
    """The language that is spoken: a key of LANGUAGES."""
    return _spoken.get()


def speak(language: str) -> None:
    """Texts are in this language from here on, in this thread or task alone.

    Args:
        language: a key of LANGUAGES.
    """
    _spoken.set(language)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Texts are in this language inside the block, in this thread or task alone."""
    token = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(token)


def carried(function: Callable[P, T]) -> Callable[P, T]:
    """The function for another thread: its texts are in the language that is spoken now."""
    language = _spoken.get()

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        with speaking(language):
            return function(*args, **kwargs)

    return run


def english(translated: str) -> str:
    """The message whose translation this is, in any language; else what was given."""
    if translated.isascii():
        return translated
    return next((found[translated] for found in _originals() if translated in found), translated)


def short_originals() -> Mapping[str, str]:
    """The English of what a picker or a tab may be called, by its text in the spoken language."""
    return _short(_spoken.get())


@cache
def _short(language: str) -> Mapping[str, str]:
    return {
        said: message
        for said, message in _inverse(_catalogue(language)).items()
        if len(message) <= TITLE and "{" not in message and said != message
    }


def _said(message: str, values: Mapping[str, Any]) -> str:
    found = _catalogue(_spoken.get()).get(message, message)
    if not values:
        return str(found)
    return found.format_map({name: _translated(value) for name, value in values.items()})


def _translated(value: Any) -> Any:
    return tr(value) if isinstance(value, Text) else value


@cache
def _catalogue(language: str) -> Mapping[str, str]:
    """Translations by their message; none for English."""
    if language == ENGLISH:
        return {}
    from babel.messages.pofile import read_po

    with (CATALOGUES / f"{language}.po").open("rb") as file:
        messages = read_po(file, locale=language)
    found: dict[str, str] = {}
    for message in messages:
        # A language without grammatical number, such as Chinese, has one form for one and many.
        forms, said = _forms(message.id), _forms(message.string)
        if all(forms) and said and said[0]:  # the header is the translation of an empty message
            found.update(dict.fromkeys(forms, said[0]))
    return found


def _forms(of_message: str | Sequence[str] | None) -> Sequence[str]:
    return [of_message] if isinstance(of_message, str) else of_message or []


def _inverse(catalogue: Mapping[str, str]) -> Mapping[str, str]:
    """Messages by their translation; of "layer" and "Layer" it is the one that names a tab."""
    ordered = sorted(catalogue, key=lambda message: message[:1].isupper())
    return {catalogue[message]: message for message in ordered}


@cache
def _originals() -> tuple[Mapping[str, str], ...]:
    return tuple(_inverse(_catalogue(language)) for language in LANGUAGES if language != ENGLISH)
