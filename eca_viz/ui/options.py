"""How Streamlit is set up where no checkout says it."""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

# What a checkout has in .streamlit/config.toml: reachable from this machine only, nothing sent,
# no tracebacks on the page, room for checkpoints.
SETTINGS: Mapping[str, str | int | bool] = {
    "server.address": "localhost",
    "server.maxUploadSize": 600,
    "server.fileWatcherType": "none",
    "server.showEmailPrompt": False,
    "browser.gatherUsageStats": False,
    "client.showErrorDetails": "none",
    "client.toolbarMode": "viewer",
}
_CHECKOUT = Path(__file__).parents[2]


def script() -> Path:
    """The app's file in a checkout; where the package is installed, the script that it runs."""
    if (_CHECKOUT / "pyproject.toml").exists():
        return _CHECKOUT / "app.py"
    return Path(__file__).parent / "app" / "router.py"


def options() -> dict[str, Any]:
    """All of Streamlit's options by their dotted names: a checkout's, or SETTINGS."""
    file = _CHECKOUT / ".streamlit" / "config.toml"
    if not file.is_file():
        return dict(SETTINGS)
    return dict(_flat(tomllib.loads(file.read_text(encoding="utf-8"))))


def _flat(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in tree.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value
