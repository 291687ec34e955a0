"""Which network the tensors of a file are of."""

from contextlib import suppress
from functools import cache

from eca_viz.errors import NetworkError
from eca_viz.locale.texts import Text, text
from eca_viz.networks import table
from eca_viz.networks.files import official_layout
from eca_viz.networks.files.official_layout import Shapes
from eca_viz.networks.files.renaming import candidates, renamed
from eca_viz.networks.files.untrusted import Weights
from eca_viz.networks.hubs.lookup import TIMM, TORCHVISION, hub_of
from eca_viz.networks.spec import NetworkSpec

# A file that shares this much with a network is taken for it, and what differs is said.
ALIKE = 0.8


def identify(weights: Weights) -> NetworkSpec:
    """Which network a file's tensors are of, by their names and shapes alone.

    Raises NetworkError where none that is known here has such tensors.
    """
    shapes = {key: tuple(tensor.shape) for key, tensor in weights.tensors.items()}
    found = _find(shapes)
    if found is None:
        large = [f"{key} {shape}" for key, shape in shapes.items() if len(shape) > 1]
        first = (large or list(shapes))[:3]
        unknown = text(
            "{file} holds {count} tensors ({first}; …), but not those of a network with channel "
            "attention that is known here: the official repository's ECA-ResNets and "
            "ECA-MobileNetV2, timm's ECA networks, torchvision's SE networks",
            file=weights.name,
            count=len(shapes),
            first="; ".join(first),
        )
        raise NetworkError(_advised(unknown, shapes))
    return found


def _find(shapes: Shapes) -> NetworkSpec | None:
    found = official_layout.identify(shapes)
    if found is None and any(len(s) == 3 and s[:2] == (1, 1) for s in shapes.values()):
        found = _nearest(shapes, TIMM)
    if found is None and any(len(s) == 4 and k.endswith(".fc1.weight") for k, s in shapes.items()):
        found = _nearest(shapes, TORCHVISION)
    return found


def _advised(unknown: Text, shapes: Shapes) -> Text:
    """The sentence with a renaming that makes a known network of the tensors, if one is found."""
    for rename in candidates(shapes):
        with suppress(NetworkError):
            found = _find(renamed(shapes, rename, "it"))
            if found is not None:
                return text(
                    "{unknown}; with --rename {rename} it would be {network}",
                    unknown=unknown,
                    rename=rename,
                    network=found.title,
                )
    return unknown


def _nearest(shapes: Shapes, prefix: str) -> NetworkSpec | None:
    """The network of a hub that shares most tensors, if it shares nearly all."""
    theirs = set(shapes.items())
    best, most = None, ALIKE
    for name in table.names(prefix):
        ours = _shapes(name)
        share = len(ours & theirs) / len(ours | theirs)
        if share > most:
            best, most = hub_of(name).find_network(name), share
    return best


@cache
def _shapes(name: str) -> frozenset[tuple[str, tuple[int, ...]]]:
    state = hub_of(name).find_network(name).outline().state_dict()
    return frozenset((key, tuple(tensor.shape)) for key, tensor in state.items())
