"""What the classifier of a bundled network is given: the features of its last layer."""

from collections.abc import Iterator
from contextlib import contextmanager

from torch import Tensor, nn

from eca_viz.networks.private import PrivateNetwork
from eca_viz.networks.registry import is_bundled
from eca_viz.networks.spec import Network
from eca_viz.records import Floats, as_floats


@contextmanager
def last_features(network: Network, private: PrivateNetwork) -> Iterator[list[Floats]]:
    """Collects the features (N, F) of each pass in the block; nothing of other networks.

    Args:
        network: The network.
        private: A copy of it; a hook is put on its last linear layer and removed again.

    Yields:
        The features of the passes so far.
    """
    found: list[Floats] = []
    linear = [one for one in private.module.modules() if isinstance(one, nn.Linear)]
    if not (linear and is_bundled(network.record.name)):
        yield found
        return

    def keep(_: nn.Module, given: tuple[Tensor]) -> None:
        found.append(as_floats(given[0].detach().cpu().numpy()))

    hook = linear[-1].register_forward_pre_hook(keep)
    try:
        yield found
    finally:
        hook.remove()
