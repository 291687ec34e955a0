"""Two explanations side by side: A, B and A − B."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from eca_viz.analysis.attention import known, mean_gate
from eca_viz.analysis.class_matching import same_classes
from eca_viz.locale.texts import text, tr
from eca_viz.records import (
    BY_DEPTH,
    BY_NAME,
    Comparison,
    Explanation,
    Floats,
    LayerAttention,
    LayerPair,
    Pixels,
    SaliencyMap,
)

if TYPE_CHECKING:
    import pandas as pd

# Layers of different sizes are compared at these shares of their channels, smallest gate first.
SHARES = np.linspace(0, 1, 101)
LAYER_COLUMNS = (
    "layer_a",
    "layer_b",
    "matched_by",
    "channels_a",
    "channels_b",
    "mean_a",
    "mean_b",
    "mean_difference",
    "distance",
)


def compare(a: Explanation, b: Explanation) -> Comparison:
    """Matches the layers of two explanations.

    Where the networks share names of layers, layers are matched by name; otherwise by depth,
    each layer of the shorter network with the one at the same share of the way from input to
    output.

    >>> other = eca_viz.explain(image, "resnet_tiny_eca", saliency=())
    >>> [pair.by for pair in eca_viz.compare(explanation, other).pairs]
    ['depth', 'depth', 'depth', 'depth']
    """
    pairs = _by_name(a.attention, b.attention) or _by_depth(a.attention, b.attention)
    return Comparison(
        a,
        b,
        pairs,
        _alone(a.attention, (pair.a for pair in pairs)),
        _alone(b.attention, (pair.b for pair in pairs)),
    )


def _by_name(a: Sequence[LayerAttention], b: Sequence[LayerAttention]) -> tuple[LayerPair, ...]:
    others = {record.layer: record for record in b}
    return tuple(
        LayerPair(record, others[record.layer], BY_NAME) for record in a if record.layer in others
    )


def _by_depth(a: Sequence[LayerAttention], b: Sequence[LayerAttention]) -> tuple[LayerPair, ...]:
    count = min(len(a), len(b))
    return tuple(
        LayerPair(one, other, BY_DEPTH)
        for one, other in zip(_spread(a, count), _spread(b, count), strict=True)
    )


def _spread(layers: Sequence[LayerAttention], count: int) -> list[LayerAttention]:
    """`count` layers, evenly from the first to the last; of one alone, the last."""
    if count < 2:
        return list(layers[-count:]) if count else []
    step = (len(layers) - 1) / (count - 1)
    return [layers[int(step * place + 0.5)] for place in range(count)]


def _alone(layers: Sequence[LayerAttention], paired: Iterable[LayerAttention]) -> tuple[str, ...]:
    names = {record.layer for record in paired}
    return tuple(record.layer for record in layers if record.layer not in names)


def curves(pair: LayerPair) -> tuple[Floats, Floats]:
    """Gates of A's layer and of B's that are compared one by one.

    Those of every channel (C,) where both layers have the same number; otherwise the quantiles
    (101,) of each at SHARES, that is its sorted gates brought to one length.
    """
    a, b = pair.a.weights[0], pair.b.weights[0]
    if pair.channelwise:
        return a, b
    return _quantiles(a), _quantiles(b)


def _quantiles(weights: Floats) -> Floats:
    return np.quantile(weights, SHARES).astype(np.float32)


def difference(pair: LayerPair) -> Floats:
    """A − B of `curves`."""
    a, b = curves(pair)
    return a - b


def curve_table(pair: LayerPair) -> pd.DataFrame:
    """A, B and A − B by channel, or by the share of channels with a smaller gate."""
    import pandas as pd  # slow to import

    a, b = curves(pair)
    places = {"channel": np.arange(len(a))} if pair.channelwise else {"share": SHARES}
    return pd.DataFrame({**places, "a": a, "b": b, "difference": a - b})


def layer_table(comparison: Comparison) -> pd.DataFrame:
    """A row for each pair: LAYER_COLUMNS; `distance` is the mean magnitude of `difference`."""
    import pandas as pd  # slow to import

    rows = [
        {
            "layer_a": pair.a.layer,
            "layer_b": pair.b.layer,
            "matched_by": pair.by,
            "channels_a": pair.a.channels,
            "channels_b": pair.b.channels,
            "mean_a": mean_gate(pair.a.weights[0]),
            "mean_b": mean_gate(pair.b.weights[0]),
            "mean_difference": mean_gate(pair.a.weights[0]) - mean_gate(pair.b.weights[0]),
            "distance": mean_gate(np.abs(difference(pair))),
        }
        for pair in comparison.pairs
    ]
    return pd.DataFrame(rows, columns=list(LAYER_COLUMNS))


def gates_table(comparison: Comparison) -> pd.DataFrame:
    """`curve_table` of every pair, one below the other, with the names of both layers."""
    import pandas as pd  # slow to import

    parts = [
        curve_table(pair).assign(layer_a=pair.a.layer, layer_b=pair.b.layer)
        for pair in comparison.pairs
    ]
    columns = ["layer_a", "layer_b", "channel", "share", "a", "b", "difference"]
    if not parts:
        return pd.DataFrame(columns=columns)
    table = pd.concat(parts, ignore_index=True).reindex(columns=columns)
    return table.astype({"channel": "Int64", "share": "Float64"})


def limit(comparison: Comparison) -> float:
    """The largest magnitude of all differences, above 0: the end of one scale for all layers."""
    apart = (np.abs(known(difference(pair))) for pair in comparison.pairs)
    return max((float(one.max()) for one in apart if len(one)), default=0.0) or 1.0


def difference_map(a: SaliencyMap, b: SaliencyMap) -> SaliencyMap | None:
    """A − B of two maps, pixel by pixel; None where they differ in method or size."""
    if a.method != b.method or a.values.shape != b.values.shape:
        return None
    values: NDArray[np.float32] = a.values - b.values
    return dataclasses.replace(
        a,
        title=text("{title}, A − B", title=text(a.title)),
        reading=text("Red: more in A. Blue: more in B."),
        values=values,
        signed=True,
        convergence_delta=None,
        seconds=a.seconds + b.seconds,
    )


def backdrop(comparison: Comparison) -> Pixels:
    """The image behind A − B of two maps, RGB (h, w, 3): grey where A's and B's differ."""
    if np.array_equal(comparison.a.seen, comparison.b.seen):
        return comparison.a.seen
    return np.full_like(comparison.a.seen, 128)


def notes(comparison: Comparison) -> list[str]:
    """How the two were matched, and what that means for reading them, a sentence each."""
    found = []
    if any(pair.by == BY_DEPTH for pair in comparison.pairs):
        found.append(
            tr(
                "The networks share no name of a layer, so layers are matched by depth: by their "
                "share of the way from input to output."
            )
        )
    for side, names in (("A", comparison.alone_in_a), ("B", comparison.alone_in_b)):
        if names:
            layers = ", ".join(names)
            found.append(
                tr(
                    "Only in {side}, and therefore not compared: {layers}.",
                    side=side,
                    layers=layers,
                )
            )
    sizes = sum(not pair.channelwise for pair in comparison.pairs)
    if sizes:
        found.append(
            tr(
                "{sizes} of {pairs} pairs differ in their number of channels; these are compared "
                "by distribution, the gates of each sorted from smallest to largest.",
                sizes=sizes,
                pairs=len(comparison.pairs),
            )
        )
    elif comparison.pairs and comparison.a.network.sha256 != comparison.b.network.sha256:
        found.append(
            tr(
                "The networks were trained separately: channel 5 of one need not correspond to "
                "channel 5 of the other."
            )
        )
    if not same_classes(comparison):
        found.append(
            tr(
                "A has {a:,} classes and B {b:,}; classes are matched by name, and each network "
                "spreads its probability over its own.",
                a=len(comparison.a.network.labels),
                b=len(comparison.b.network.labels),
            )
        )
    return found
