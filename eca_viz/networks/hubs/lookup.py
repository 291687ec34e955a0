"""The hub behind the name of a network."""

import importlib
from types import ModuleType

from eca_viz.errors import NetworkError
from eca_viz.locale.texts import text
from eca_viz.version import require

TIMM, TORCHVISION = "timm:", "torchvision:"
PREFIXES = (TIMM, TORCHVISION)


def hub_of(name: str) -> ModuleType:
    """The module behind names with this beginning; imported only here, since timm takes a second.

    Raises NetworkError for a name that begins otherwise, MissingPackageError where the extra
    `hub` is not installed.
    """
    if name.startswith(TIMM):
        require("timm", "hub")
        return importlib.import_module("eca_viz.networks.hubs.timm_hub")
    if name.startswith(TORCHVISION):
        require("torchvision", "hub")
        require("huggingface_hub", "hub")  # what downloads is in one module
        return importlib.import_module("eca_viz.networks.hubs.torchvision_hub")
    raise NetworkError(
        text(
            "got {name!r}; names of networks to download begin with timm: or torchvision:",
            name=name,
        )
    )
