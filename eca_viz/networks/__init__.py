"""Networks by name."""

import threading

from eca_viz.errors import NetworkError
from eca_viz.networks.base import Network, NetworkSpec
from eca_viz.networks.checkpoint import load_weights, prepare, read_weights
from eca_viz.networks.imagenette import ECA_RESNET18_IMAGENETTE

NETWORKS: tuple[NetworkSpec, ...] = (ECA_RESNET18_IMAGENETTE,)

_loaded: dict[str, Network] = {}
_lock = threading.Lock()


def find_network(name: str) -> NetworkSpec:
    """The network called `name`; raises NetworkError with the valid names."""
    for spec in NETWORKS:
        if spec.name == name:
            return spec
    names = ", ".join(spec.name for spec in NETWORKS)
    raise NetworkError(f"no network is called {name!r}; the networks are: {names}")


def load_network(name: str) -> Network:
    """The network called `name` with its trained weights; loaded once, then shared.

    Raises NetworkError for an unknown name and for weights that are missing or not the
    ones expected.
    """
    spec = find_network(name)
    with _lock:
        if name not in _loaded:
            tensors, metadata = read_weights(spec.checkpoint, spec.sha256)
            module = spec.build()
            load_weights(module, tensors, spec.title)
            _loaded[name] = Network(spec, prepare(module), metadata)
        return _loaded[name]
