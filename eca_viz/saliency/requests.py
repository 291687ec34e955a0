"""Which saliency maps are asked for."""

from collections.abc import Mapping, Sequence

from eca_viz.errors import SaliencyError
from eca_viz.locale.texts import text
from eca_viz.networks.predictions import no_saliency
from eca_viz.networks.spec import Network
from eca_viz.saliency.registry import find_method
from eca_viz.settings import Settings

DEFAULT_SALIENCY = ("integrated_gradients",)


def requested(
    saliency: str | Sequence[str] | None, parameters: Mapping[str, Settings], network: Network
) -> list[tuple[str, Settings]]:
    """Methods with all their parameters, checked before anything runs.

    Args:
        saliency: Names of methods; if None DEFAULT_SALIENCY, where the network can have a map.
        parameters: Parameters of the methods, by method name.
        network: What the maps are of.

    Returns:
        The name of each method and all its parameters.

    Raises:
        SaliencyError: For an unknown method or parameter, parameters of a method that is not
            among those asked for, and where the network can have no map.
    """
    obstacle = no_saliency(network)
    if saliency and obstacle:
        raise SaliencyError(obstacle)
    default = () if obstacle else DEFAULT_SALIENCY
    names = default if saliency is None else (saliency,) if isinstance(saliency, str) else saliency
    methods = [find_method(name) for name in names]
    unused = sorted({find_method(name).name for name in parameters} - set(names))
    if unused:
        raise SaliencyError(
            text(
                "got parameters for {unused}, which is not among the methods asked for; add it to "
                "saliency or leave its parameters out",
                unused=", ".join(unused),
            )
        )
    layers = [layer.name for layer in network.layers]
    return [(m.name, m.complete(parameters.get(m.name, {}), layers)) for m in methods]
