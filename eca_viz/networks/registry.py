"""Networks by name, before anything is loaded."""

from eca_viz.errors import NetworkError
from eca_viz.lookup import by_name
from eca_viz.networks.bundled.ablation import TINY_NETWORKS
from eca_viz.networks.bundled.eca_resnet18 import ECA_RESNET18_IMAGENETTE
from eca_viz.networks.hubs.lookup import PREFIXES, hub_of
from eca_viz.networks.spec import NetworkSpec
from eca_viz.networks.table import read_table

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


def downloadable() -> list[str]:
    """Names of the networks that are not bundled but have trained weights to download."""
    return [row.name for row in read_table() if row.weights and not row.bundled]
