"""What the steps before the first guess show of an image, to be shipped for the samples."""

from collections.abc import Mapping

import numpy as np

from eca_viz.analysis.attention import strongest_and_weakest
from eca_viz.networks.bundled.ablation import trained_variants
from eca_viz.records import Explanation, FeatureMaps, Floats, LessonStart

# Channels of the first step.
VARYING = 6


def lesson_start(explanation: Explanation, features: Mapping[str, FeatureMaps]) -> LessonStart:
    """Feature maps of the network at hand, and the bottleneck of the bundled SE network.

    Args:
        explanation: Of the network at hand, with at least one attention layer.
        features: The input of each layer, by its name; that of the first is used.

    Returns:
        The maps of VARYING channels that differ from each other, and of those with the largest and
        the smallest gate; and the second stage's layer of SE.
    """
    from eca_viz import inspection, pipeline
    from eca_viz.networks.loading import load_network

    record = explanation.attention[0]
    before = features[record.layer].before
    extremes = (channel for some in strongest_and_weakest(record, 1) for channel in some)
    network = load_network(trained_variants()["se"])
    by_se = pipeline.explain(explanation.image, network, saliency=())
    squeezing = by_se.attention[1]
    (steps,) = inspection.channel_steps(network, by_se, squeezing.layer, [0])
    assert steps.bottleneck is not None  # each layer of SE has one
    return LessonStart(
        layer=record.layer,
        maps={
            channel: before[channel].copy()
            for channel in dict.fromkeys([*_varied(before), *extremes])
        },
        squeezing=squeezing,
        bottleneck=steps.bottleneck,
    )


def _varied(before: Floats) -> list[int]:
    """VARYING of the maps (C, H, W): they vary over the image, each in another way.

    The first has the largest standard deviation; each further one the largest part of it that is
    not correlated with those before.
    """
    centred = before.reshape(len(before), -1).astype(np.float64)
    centred -= centred.mean(1, keepdims=True)
    left, found = centred.copy(), list[int]()
    for _ in range(min(VARYING, len(before))):
        best = int(np.square(left).sum(1).argmax())
        found.append(best)
        length = np.linalg.norm(left[best])
        if length == 0:
            break
        direction = left[best] / length
        left -= np.outer(left @ direction, direction)
        left[best] = 0
    return found
