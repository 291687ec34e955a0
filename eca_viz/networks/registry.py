"""Networks by name, before anything is loaded."""

from collections.abc import Iterator

from eca_viz.errors import NetworkError
from eca_viz.lookup import by_name
from eca_viz.networks.bundled.ablation import TINY_NETWORKS
from eca_viz.networks.bundled.eca_resnet18 import ECA_RESNET18_IMAGENETTE
from eca_viz.networks.hubs.lookup import PREFIXES, hub_of
from eca_viz.networks.spec import NetworkSpec

NETWORKS: tuple[NetworkSpec, ...] = (ECA_RESNET18_IMAGENETTE, *TINY_NETWORKS)
DEFAULT_NETWORK = ECA_RESNET18_IMAGENETTE.name


def find_network(name: str) -> NetworkSpec:
    """The network called `name`: a bundled one, `timm:NAME` or `torchvision:NAME`.

    Nothing is downloaded. Raises NetworkError for an unknown name, with the valid names or
    those nearest to it.
    """
    if name.startswith(PREFIXES):
        found: NetworkSpec = hub_of(name).find_network(name)
        return found
    sentence = (
        "no network is called {name!r}; give one of {names}, timm:NAME, torchvision:NAME or the "
        "path of a checkpoint (python -m eca_viz networks lists the names)"
    )
    return by_name(NETWORKS, name, NetworkError, sentence)


def is_bundled(name: str) -> bool:
    """Whether the weights of the network called `name` are shipped."""
    return any(spec.name == name for spec in NETWORKS)


def catalogue() -> Iterator[NetworkSpec]:
    """Every network with a name: the bundled ones, timm's with ECA, torchvision's with SE."""
    yield from NETWORKS
    for prefix in PREFIXES:
        yield from map(find_network, hub_of(prefix).names())


def downloadable() -> list[str]:
    """Names of the networks that are not bundled but have trained weights to download."""
    names = [name for prefix in PREFIXES for name in hub_of(prefix).names()]
    return [name for name in names if not name.startswith("timm:") or "." in name]
