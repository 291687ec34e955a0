"""Networks by name, before anything is loaded."""

from collections.abc import Iterator

from eca_viz.errors import NetworkError
from eca_viz.lookup import by_name
from eca_viz.networks.bundled.ablation import TINY_NETWORKS
from eca_viz.networks.bundled.eca_resnet18 import ECA_RESNET18_IMAGENETTE
from eca_viz.networks.hubs.lookup import PREFIXES, hub_of
from eca_viz.networks.spec import Blueprint, NetworkSpec

NETWORKS: tuple[NetworkSpec, ...] = (ECA_RESNET18_IMAGENETTE, *TINY_NETWORKS)


def find_network(name: str) -> NetworkSpec:
    """The bundled network called `name`; raises NetworkError with the valid names."""
    sentence = (
        "no network is called {name!r}; give one of {names}, timm:NAME, torchvision:NAME or the "
        "path of a checkpoint (python -m eca_viz networks lists the names)"
    )
    return by_name(NETWORKS, name, NetworkError, sentence)


def blueprint(name: str) -> Blueprint:
    """The network of timm or torchvision that `timm:NAME` or `torchvision:NAME` names.

    Nothing is downloaded. Raises NetworkError for an unknown name, with those nearest to it.
    """
    found: Blueprint = hub_of(name).blueprint(name)
    return found


def catalogue() -> Iterator[NetworkSpec | Blueprint]:
    """Every network with a name: the bundled ones, timm's with ECA, torchvision's with SE."""
    yield from NETWORKS
    for prefix in PREFIXES:
        yield from map(blueprint, hub_of(prefix).names())


def downloadable() -> list[str]:
    """Names of the networks that are not bundled but have trained weights to download."""
    names = [name for prefix in PREFIXES for name in hub_of(prefix).names()]
    return [name for name in names if not name.startswith("timm:") or "." in name]


DEFAULT_NETWORK = "eca_resnet18_imagenette"
