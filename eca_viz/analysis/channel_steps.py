"""One channel's sums and feature maps in numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from eca_viz.records import FeatureMaps, LayerAttention, Terms

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
            "from": ["padding" if i < 0 else str(i) for i in terms.indices],
            "value": terms.values.astype(np.float64),
            "coefficient": terms.coefficients.astype(np.float64),
            "product": terms.products,
        }
    )
    if terms.bias:
        table.loc[len(table)] = [None, "bias", None, None, terms.bias]
    return table.assign(sum=table["product"].cumsum())


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
