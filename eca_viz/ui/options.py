"""How Streamlit is set up, in a checkout and where the package is installed."""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

# One file: `.streamlit` of a checkout is installed as `eca_viz/ui/setup`.
_HERE = Path(__file__).parent
FILE = next(
    file
    for file in (_HERE / "setup" / "config.toml", _HERE.parents[1] / ".streamlit" / "config.toml")
    if file.is_file()
)


def options() -> dict[str, Any]:
    """All of Streamlit's options that the app sets, by their dotted names."""
    return dict(_flat(tomllib.loads(FILE.read_text(encoding="utf-8"))))


def _flat(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in tree.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value
