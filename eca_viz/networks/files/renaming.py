"""Checkpoints whose modules have other names than the networks that are known."""

import re
from collections.abc import Iterator, Mapping
from typing import TypeVar

from eca_viz.errors import NetworkError
from eca_viz.locale.texts import text

T = TypeVar("T")

_PAIR = re.compile(r"(?P<old>[\w.]+)=(?P<new>[\w.]+)")
# Names that attention layers and their convolution have in the networks that are known.
_KNOWN = ("eca", "se", "attn", "conv")


def renamed(entries: Mapping[str, T], rename: str, title: str) -> dict[str, T]:
    """Entries under other names.

    Args:
        entries: What has a name of parts with dots between them, such as a state_dict.
        rename: `eca_attn=eca`: wherever that part, or those parts, stand in a name the other is
            put; several with commas between them, one after the other.
        title: What an error calls the entries' file.

    Returns:
        The entries in their order.

    Raises:
        NetworkError: For a text of another form, a part that no name has, and where two names
            would become one.
    """
    found = dict(entries)
    for one in rename.split(","):
        pair = _PAIR.fullmatch(one.strip())
        if pair is None:
            raise NetworkError(
                text("got rename {rename!r}; give OLD=NEW, such as eca_attn=eca", rename=one)
            )
        part = _part(pair["old"])
        if not any(part.search(name) for name in found):
            raise NetworkError(
                text(
                    "no tensor of {file} has the part {part!r} in its name",
                    file=title,
                    part=pair["old"],
                )
            )
        changed = {part.sub(pair["new"], name): value for name, value in found.items()}
        if len(changed) < len(found):
            raise NetworkError(
                text(
                    "{rename} would give two tensors of {file} one name",
                    rename=one.strip(),
                    file=title,
                )
            )
        found = changed
    return found


def candidates(shapes: Mapping[str, tuple[int, ...]]) -> Iterator[str]:
    """Renamings that might turn tensors into those of a known ECA network, one part each.

    Args:
        shapes: Of the tensors by name.
    """
    kernels = [name for name, shape in shapes.items() if len(shape) == 3 and shape[:2] == (1, 1)]
    parts = {part for name in kernels[:1] for part in name.split(".")[-3:-1]}
    for old in sorted(part for part in parts if not part.isdecimal()):
        yield from (f"{old}={new}" for new in _KNOWN if new != old)


def _part(old: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![^.]){re.escape(old)}(?![^.])")
