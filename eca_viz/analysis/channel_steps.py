"""One channel's sums and feature maps in numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from eca_viz.records import ChannelSteps, FeatureMaps, LayerAttention, Terms

if TYPE_CHECKING:
    import pandas as pd


def leading_terms(terms: Terms, count: int) -> tuple[list[int], float]:
    """Places of the terms with the largest products, in order, and the sum of the others."""
    products = terms.products
    largest = np.sort(np.argsort(-np.abs(products), kind="stable")[:count])
    return [int(place) for place in largest], float(np.delete(products, largest).sum())


def terms_table(terms: Terms) -> pd.DataFrame:
    """Every term of a sum with the sum up to it; the last row is the bias, where there is one."""
    import pandas as pd  # slow to import

    table = pd.DataFrame(
        {
            "place": terms.places,
            "from": _origins(terms),
            "value": terms.values.astype(np.float64),
            "coefficient": terms.coefficients.astype(np.float64),
            "product": terms.products,
        }
    )
    if terms.bias:
        table.loc[len(table)] = [None, "bias", None, None, terms.bias]
    return table.assign(sum=table["product"].cumsum())


def _origins(terms: Terms) -> list[str]:
    """Where each value comes from: a channel, what it is of it, or padding."""
    names = [f"{name} of " for name in terms.names] or [""] * len(terms.indices)
    origins = zip(names, terms.indices, strict=True)
    return ["padding" if index < 0 else f"{name}{index}" for name, index in origins]


def receptive_window(one: ChannelSteps, channels: int) -> str:
    """Which channels a gate depends on, and through what, as a clause without its subject.

    Args:
        one: How the gate is computed.
        channels: The number of channels C of its layer.
    """
    count, inside = len(one.terms.values), one.terms.indices[one.terms.indices >= 0]
    if one.terms.names:
        return _window_of_named(one, channels)
    if one.bottleneck is not None:
        window = (
            f"depends on all {channels:,} channels through the {count} values of the bottleneck, "
            f"each the {one.bottleneck.activation} of a sum over all channels"
        )
        both = ", once of their averages and once of their maxima, added up"
        return window + both if one.bottleneck_of_maximum is not None else window
    if count == 1:
        return "depends on its own channel alone"
    if np.array_equal(one.terms.places, np.arange(channels)):
        return f"depends on all {channels:,} channels, each with a coefficient of its own"
    window = f"depends on {len(inside)} channels, {inside[0]} to {inside[-1]}"
    if inside[0] > inside[-1]:
        window += ", wrapped around the end"
    if len(inside) < count:
        window += f"; {count - len(inside)} of its {count} taps meet zero padding"
    return window


def _window_of_named(one: ChannelSteps, channels: int) -> str:
    """The receptive window of a gate whose terms are not those of descriptors."""
    inside = one.terms.indices[one.terms.indices >= 0]
    return {
        "srm": "depends on its own channel alone, by its average and its standard deviation; their "
        "coefficients have the batch norm in them",
        "gct": f"depends on all {channels:,} channels through its share: α times its own norm, "
        "divided by the quadratic mean of all channels' norms times their α",
        "eca_mlp": f"depends on channels {inside.min()} to {inside.max()}, each through "
        f"{len(set(one.terms.names))} values h that the first convolution and its activation make "
        "of its descriptor",
    }[one.mechanism]


def map_table(
    maps: FeatureMaps, record: LayerAttention, channels: Mapping[str, int]
) -> pd.DataFrame:
    """Some channels' feature maps in numbers, before and behind the gate.

    Args:
        maps: What goes into an attention layer.
        record: What that layer computed.
        channels: Index of each channel by its title.

    Returns:
        A row for each channel; the mean of its map before the gate is its descriptor y, where the
        layer takes averages.
    """
    import pandas as pd  # slow to import

    return pd.DataFrame(
        {
            "channel": index,
            "which": name,
            "ω": float(record.weights[0, index]),
            "mean": float(maps.before[index].mean()),
            "smallest": float(maps.before[index].min()),
            "largest": float(maps.before[index].max()),
            "mean × ω": float(maps.before[index].mean() * record.weights[0, index]),
        }
        for name, index in channels.items()
    )
