"""Which layer the lesson's first steps show."""

from collections.abc import Sequence

import numpy as np

from eca_viz.analysis.attention import strongest_and_weakest
from eca_viz.errors import SelectionError
from eca_viz.locale.texts import text
from eca_viz.records import LayerAttention


def first_layer(attention: Sequence[LayerAttention]) -> LayerAttention:
    """The first layer whose descriptor is the average and whose gates are known.

    Raises SelectionError where there is none.
    """
    for record in attention:
        if record.pooling == "average" and np.isfinite(record.weights[0]).any():
            return record
    raise SelectionError(
        text(
            "this network has no layer whose descriptor is the average of each channel and whose "
            "gates are known in this image; pick another network or image for this step"
        )
    )


def extremes(record: LayerAttention) -> tuple[int, int]:
    """The channels with the largest and the smallest gate.

    Raises SelectionError where no gate is known.
    """
    strongest, weakest = strongest_and_weakest(record, 1)
    if not strongest:
        raise SelectionError(
            text(
                "no gate of {layer} is known in this image; pick another image for this step",
                layer=record.layer,
            )
        )
    return strongest[0], weakest[0]
