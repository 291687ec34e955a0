"""What the first steps of the lesson show of an image."""

from collections.abc import Sequence

import numpy as np

from eca_viz.errors import NetworkError
from eca_viz.inspection.channel_steps import channel_steps
from eca_viz.locale.texts import text
from eca_viz.networks.spec import Network
from eca_viz.records import Explanation, FeatureMaps, Floats, LessonStart, flat_map

# Channels whose maps are shown side by side.
VARYING = 6
# The SE network's layer that is shown: wide enough to see its bottleneck, with gates that differ.
SHOWN = 1


def lesson_start(
    features: FeatureMaps, extremes: Sequence[int], se_network: Network, by_se: Explanation
) -> LessonStart:
    """Feature maps of the network at hand, and the bottleneck of the bundled SE network.

    Args:
        features: The input of an attention layer of the network at hand.
        extremes: Channels whose maps are taken beside those that vary.
        se_network: A network with SE layers.
        by_se: Its explanation of the same image.

    Returns:
        The maps of VARYING channels that differ from each other and of `extremes`, and the second
        SE layer.

    Raises:
        NetworkError: For another network than one with SE layers.
    """
    squeezing = by_se.attention[SHOWN]
    (steps,) = channel_steps(se_network, by_se, squeezing.layer, [0])
    if steps.bottleneck is None:
        raise NetworkError(
            text(
                "{layer} of {network} is no SE layer",
                layer=squeezing.layer,
                network=by_se.network.title,
            )
        )
    maps = [flat_map(values) for values in features.before]
    varying = _varied(np.stack(maps))
    return LessonStart(
        layer=features.layer,
        varying=tuple(varying),
        maps={channel: maps[channel].copy() for channel in dict.fromkeys([*varying, *extremes])},
        squeezing=squeezing,
        bottleneck=steps.bottleneck,
    )


def _varied(maps: Floats) -> list[int]:
    """VARYING of the maps (C, H, W): they vary over the image, each in another way.

    The first has the largest standard deviation; each further one the largest part of it that is
    not correlated with those before.
    """
    left = maps.reshape(len(maps), -1).astype(np.float64)
    left -= left.mean(1, keepdims=True)
    found = list[int]()
    for _ in range(min(VARYING, len(maps))):
        best = int(np.square(left).sum(1).argmax())
        length = np.linalg.norm(left[best])
        if best in found or length == 0:
            break
        found.append(best)
        direction = left[best] / length
        left -= np.outer(left @ direction, direction)
        left[best] = 0
    return found or [0]
