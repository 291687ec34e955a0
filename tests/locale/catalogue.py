"""The catalogues of translations beside the messages in the code.

`python -m tests.locale.catalogue` brings the catalogues up to date: new messages are added without
a translation, those that are gone are dropped.
"""

import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from babel.messages import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from eca_viz.locale.texts import CATALOGUES

PACKAGE = Path(__file__).parents[2] / "eca_viz"
# The functions that take messages: with one form, and with one for a single thing and one for many.
KEYWORDS = {"tr": None, "text": None, "trn": (1, 2), "textn": (1, 2)}


@cache
def in_code() -> Catalog:
    """The messages of the package, in the order of files and lines, with the files they are in."""
    found = Catalog(project="eca_viz", charset="utf-8")
    for file, line, message, comments, context in extract_from_dir(
        PACKAGE, [("**.py", "python")], keywords=KEYWORDS, comment_tags=("Translators:",)
    ):
        found.add(
            message, locations=[(f"eca_viz/{file}", line)], auto_comments=comments, context=context
        )
    return found


def catalogue(language: str) -> Catalog:
    """The catalogue of a language, as it is in the project."""
    with (CATALOGUES / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language)


def forms(of_message: str | Sequence[str] | None) -> Sequence[str]:
    """The one form of a message or a translation, or all of a plural."""
    return [of_message] if isinstance(of_message, str) else of_message or []


def translated(message: Message) -> bool:
    """Whether every form of the message has a translation."""
    said = forms(message.string)
    return bool(said) and all(said)


def main() -> None:
    """Updates each catalogue and says how many messages have no translation."""
    for path in sorted(CATALOGUES.glob("*.po")):
        known = catalogue(path.stem)
        known.update(in_code(), no_fuzzy_matching=True)
        known.obsolete.clear()
        # Not the header of Babel, which has the date of the update in it.
        header, _, _ = path.read_bytes().partition(b"\n\n")
        with path.open("wb") as file:
            file.write(header + b"\n\n")
            write_po(
                file, known, width=100, include_lineno=False, sort_by_file=True, omit_header=True
            )
        missing = sum(not translated(message) for message in known if message.id)
        print(f"{path.name}: {len(known)} messages, {missing} without translation", file=sys.stderr)


if __name__ == "__main__":
    main()
