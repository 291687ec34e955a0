"""Text from outside as one line without control characters."""

import pytest

from eca_viz.errors import EcaVizError
from eca_viz.locale.plain_text import escaped, one_line


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("größe 日本 🦊 a–b", "größe 日本 🦊 a–b"),
        ("a  b", "a  b"),
        ("a \r\n\t b\u2028c", "a b c"),
        ("\x1b[31mred\x07", r"\x1b[31mred\x07"),
        ("\x9b31m\x7f\0", r"\x9b31m\x7f\x00"),
        ("caf\udce9", r"caf\udce9"),
        ("gnp.\u202egpj", r"gnp.\u202egpj"),
        ("👩\u200d🔬", "👩\u200d🔬"),
    ],
)
def test_one_line(text: str, line: str) -> None:
    assert one_line(text) == line
    assert str(EcaVizError(text)) == line
    line.encode()


def test_escaped_keeps_line_breaks_apart_from_blanks() -> None:
    assert escaped("a\nb c\u2028d") == r"a\nb c\u2028d"
