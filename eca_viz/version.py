"""The version of eca_viz and of the packages that its numbers depend on."""

import importlib.metadata
import platform
from collections.abc import Mapping
from functools import cache

__version__ = "0.1.0"


@cache
def versions() -> Mapping[str, str]:
    """Versions by name: eca_viz, Python and the packages that numbers depend on."""
    packages = ("torch", "torchvision", "captum", "timm", "numpy", "pillow")
    found = {package: importlib.metadata.version(package) for package in packages}
    return {"eca_viz": __version__, "python": platform.python_version(), **found}
