"""The version of eca_viz and of the packages that its numbers depend on."""

import importlib.metadata
import platform
from collections.abc import Mapping
from contextlib import suppress
from functools import cache

__version__ = "0.1.0"


@cache
def versions() -> Mapping[str, str]:
    """Versions by name: eca_viz, Python and those installed of what numbers depend on."""
    found = {}
    for package in ("torch", "torchvision", "captum", "timm", "numpy", "pillow"):
        with suppress(importlib.metadata.PackageNotFoundError):  # one of an extra
            found[package] = importlib.metadata.version(package)
    return {"eca_viz": __version__, "python": platform.python_version(), **found}
