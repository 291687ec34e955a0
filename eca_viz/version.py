"""What is installed: eca_viz, the packages that its numbers depend on, those of its extras."""

import importlib.metadata
import platform
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from importlib.util import find_spec

from eca_viz.errors import MissingPackageError
from eca_viz.locale.texts import text

__version__ = "0.1.0"


@cache
def versions() -> Mapping[str, str]:
    """Versions by name: eca_viz, Python and those installed of what numbers depend on."""
    found = {}
    for package in ("torch", "torchvision", "captum", "timm", "numpy", "pillow"):
        with suppress(importlib.metadata.PackageNotFoundError):  # one of an extra
            found[package] = importlib.metadata.version(package)
    return {"eca_viz": __version__, "python": platform.python_version(), **found}


def require(package: str, extra: str) -> None:
    """Raises MissingPackageError, which names the extra, where a package is not installed."""
    if find_spec(package) is None:
        raise MissingPackageError(
            text(
                "{package} is not installed; pip install 'eca_viz[{extra}]' installs it",
                package=package,
                extra=extra,
            )
        )
