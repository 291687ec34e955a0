"""Names of files that a system, a terminal, an archive or a page may take for something else."""

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from eca_viz.export.names import LONGEST, entry_name, file_name
from eca_viz.images import bounded
from eca_viz.images.reading import read_image
from eca_viz.locale.plain_text import one_line
from eca_viz.ui.components import widgets
from tests.hostile.measured import Case

MOST = 6000

# Each with the name of the file or folder that is made for it.
FILE_NAMES: tuple[tuple[str, str], ...] = (
    ("größe 日本 (1)", "größe 日本 (1)"),
    ("..", "_"),
    ("", "_"),
    ("a/b\\c:d", "a_b_c_d"),
    ('<>"|?*', "______"),
    ("a\x1b\n\0\udce9", "a_x1b_n_x00_udce9"),
    ("dot.", "dot"),
    (" blank ", "blank"),
    ("CON", "_CON"),
    ("nul.txt", "_nul.txt"),
    ("lpt9 .png", "_lpt9 .png"),
    ("COM¹", "_COM¹"),
    ("conout$", "_conout$"),
    ("a\u2028b\u2029", "a_u2028b_u2029"),
    ("console", "console"),
    ("x" * 300, "x" * 100),
)
# Each with the Markdown that shows it as it is.
SHOWN_NAMES: tuple[tuple[str, str], ...] = (
    ("dog.png", "dog.png"),
    ("![x](http://a.b/c.png)", "!\\[x\\](http\\:\u2060//a.b/c.png)"),
    ("$x$ *y* _z_ :red[w]", r"\$x\$ \*y\* \_z\_ \:red\[w\]"),
)
# Names of a ZIP's entries, no two of which may fall together or lie outside.
ENTRIES = ("a.txt", "A.txt", "../a.txt", "/a.txt", "C:\\a.txt", "x/../../a.txt", "b\x1b/\n.txt")
OTHERS = (
    "\x1b]0;owned\x07\x9b31m.png",
    "a\nb\r\tc\v\f\x85\u2028\u2029.png",
    "gnp.\u202egpj\u2066\u200f",
    "x" * 5000,
    "\ud800caf\udce9.png",
    "a\0.png",
    "/etc/passwd",
    "\\\\server\\share\\a.png",
    "../" * 50 + "etc/passwd",
    "COM1.tar.gz",
    "AUX. . .",
    "<script>alert(1)</script>.png",
    "<img src=x onerror=alert(1)>",
    "# a | b | `c` ~~d~~ :material/home: &lt; $$x^2$$ \\",
    "1. one",
    "- [ ] <!-- www.a.b -->",
    "mailto:a@b.c https://a.b",
    "=1+1|cmd",
    "e\u0301" * 200,
)
NAMES = (*(name for name, _ in (*FILE_NAMES, *SHOWN_NAMES)), *ENTRIES, *OTHERS)

_SPECIAL = re.compile(r"[\\`*_\[\]$:~<>#|&]")


def cases(full: bool) -> Iterator[Case]:
    """Each name as an image's, a file's, an entry's and on a page; `full` or not."""
    yield Case("ordinary", lambda: _image("dog.png"), r"^dog\.png is not an image that can be")
    for name in NAMES:
        shown = repr(name)[1:-1][:40]
        yield Case(f"image {shown}", lambda name=name: _image(name), ".")
        yield Case(f"file {shown}", lambda name=name: _file(name))
        yield Case(f"entry {shown}", lambda name=name: _entry(name))
        yield Case(f"page {shown}", lambda name=name: _page(name))
    bounded.end()


def _image(name: str) -> str:
    read_image(b"no image", name)
    return ""


def _file(name: str) -> str:
    """The file that is made for a name is where it should be and has that name."""
    made = file_name(name)
    _check_part(made)
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, made).touch()
        assert [path.name for path in Path(folder).iterdir()] == [made]
    return ""


def _entry(name: str) -> str:
    made = entry_name(name)
    for part in made.split("/"):
        _check_part(part)
    assert made == entry_name(made)
    return ""


def _check_part(made: str) -> None:
    assert made == file_name(made)
    assert made.isprintable()
    assert 0 < len(made) <= LONGEST
    assert made not in {".", ".."}
    assert not re.search(r'[<>:"/\\|?*]|[. ]$|^ ', made)
    assert not re.fullmatch(r"(?i)(con|conin\$|conout\$|prn|aux|nul|com.|lpt.) *(\..*)?", made)


def _page(name: str) -> str:
    """Each character that Markdown takes for its own has a backslash before it."""
    made = widgets.plain(name).replace(widgets.WORD_JOINER, "")
    assert made.isprintable()
    assert not _SPECIAL.search(re.sub(r"\\.", "", made)), made
    assert re.sub(r"\\(\W|_)", r"\1", made) == one_line(name).lstrip(), made
    return ""
