"""The feature maps that attention layers scale, kept while a network runs."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from torch import Tensor, nn

from eca_viz.networks.private import PrivateNetwork
from eca_viz.records import FeatureMaps, as_floats


@contextmanager
def kept_feature_maps(network: PrivateNetwork) -> Iterator[dict[str, FeatureMaps]]:
    """Keeps the input of each attention layer for the first image of the last pass in the block.

    It is not empty any more when the network has run; the key is the layer's name.
    """
    kept: dict[str, FeatureMaps] = {}

    def keep(layer: str) -> Callable[..., None]:
        def before(module: nn.Module, inputs: tuple[Tensor, ...], more: dict[str, Tensor]) -> None:
            maps = next(iter((*inputs, *more.values())))[0].detach().float().cpu().numpy()
            kept[layer] = FeatureMaps(layer, as_floats(maps))

        return before

    with ExitStack() as hooks:
        for layer in network.layers:
            hooks.callback(
                layer.module.register_forward_pre_hook(keep(layer.name), with_kwargs=True).remove
            )
        yield kept
