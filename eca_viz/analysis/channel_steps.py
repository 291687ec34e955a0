"""One channel's sums and feature maps in numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from eca_viz.locale.texts import Text, text, tr
from eca_viz.records import Bottleneck, ChannelSteps, FeatureMaps, LayerAttention, Terms

if TYPE_CHECKING:
    import pandas as pd


def leading_terms(terms: Terms, count: int) -> tuple[list[int], float]:
    """Places of the terms with the largest products, in order, and the sum of the others."""
    products = terms.products
    largest = np.sort(np.argsort(-np.abs(products), kind="stable")[:count])
    return [int(place) for place in largest], float(np.delete(products, largest).sum())


def terms_table(terms: Terms) -> pd.DataFrame:
    """Every term of a sum with the sum up to it; the last row is the bias, where there is one.

    The column `from` holds each a Text.
    """
    import pandas as pd  # slow to import

    table = pd.DataFrame(
        {
            text("place"): terms.places,
            # Translators: the head of a column: where a value comes from.
            text("from"): pd.Series(_origins(terms), dtype=object),  # else pandas makes it a str
            text("value"): terms.values.astype(np.float64),
            text("coefficient"): terms.coefficients.astype(np.float64),
            text("product"): terms.products,
        }
    )
    if terms.bias:
        table.loc[len(table)] = [None, text("bias"), None, None, terms.bias]
    table[text("sum")] = table["product"].cumsum()
    return table


def _origins(terms: Terms) -> list[Text]:
    """Where each value comes from: a channel, what it is of it, or padding."""
    names = terms.names or ("",) * len(terms.indices)
    return [_origin(name, index) for name, index in zip(names, terms.indices, strict=True)]


def _origin(name: str, channel: int) -> Text:
    if channel < 0:
        return text("padding")
    if not name:
        return Text(str(channel))
    # Translators: what a value is of a channel: "average of 5".
    return text("{name} of {channel}", name=text(name), channel=channel)


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
        return _window_of_bottleneck(one, one.bottleneck, channels)
    if count == 1:
        return tr("depends on its own channel alone")
    if np.array_equal(one.terms.places, np.arange(channels)):
        return tr(
            "depends on all {channels:,} channels, each with a coefficient of its own",
            channels=channels,
        )
    named = {"n": len(inside), "first": inside[0], "last": inside[-1]}
    window = (
        tr("depends on {n} channels, {first} to {last}, wrapped around the end", **named)
        if inside[0] > inside[-1]
        else tr("depends on {n} channels, {first} to {last}", **named)
    )
    if len(inside) == count:
        return window
    return tr(
        "{window}; {outside} of its {taps} taps meet zero padding",
        window=window,
        outside=count - len(inside),
        taps=count,
    )


def _window_of_bottleneck(one: ChannelSteps, middle: Bottleneck, channels: int) -> str:
    """The receptive window of a gate of SE, or of a layer that runs SE on two descriptors."""
    values = {
        "channels": channels,
        "count": len(one.terms.values),
        "activation": middle.activation,
    }
    if one.bottleneck_of_maximum is None:
        return tr(
            "depends on all {channels:,} channels through the {count} values of the bottleneck, "
            "each the {activation} of a sum over all channels",
            **values,
        )
    return tr(
        "depends on all {channels:,} channels through the {count} values of the bottleneck, "
        "each the {activation} of a sum over all channels, once of their averages and once of "
        "their maxima, added up",
        **values,
    )


def _window_of_named(one: ChannelSteps, channels: int) -> str:
    """The receptive window of a gate whose terms are not those of descriptors."""
    inside = one.terms.indices[one.terms.indices >= 0]
    return {
        "srm": tr(
            "depends on its own channel alone, by its average and its standard deviation; their "
            "coefficients have the batch norm in them"
        ),
        "gct": tr(
            "depends on all {channels:,} channels through its share: α times its own norm, "
            "divided by the quadratic mean of all channels' norms times their α",
            channels=channels,
        ),
        "eca_mlp": tr(
            "depends on channels {first} to {last}, each through {count} values h that the first "
            "convolution and its activation make of its descriptor",
            first=inside.min(),
            last=inside.max(),
            count=len(set(one.terms.names)),
        ),
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
            text("channel"): index,
            text("which"): name,
            "ω": float(record.weights[0, index]),
            text("mean"): float(maps.before[index].mean()),
            text("smallest"): float(maps.before[index].min()),
            text("largest"): float(maps.before[index].max()),
            "mean × ω": float(maps.before[index].mean() * record.weights[0, index]),
        }
        for name, index in channels.items()
    )
