"""Arithmetic on records: NumPy and pandas only."""

from collections.abc import Mapping, Sequence
from itertools import groupby

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eca_viz.kernel_size import adaptive_kernel_size
from eca_viz.records.explanation import (
    Cost,
    Floats,
    LayerAttention,
    NetworkCosts,
    SaliencyMap,
    Scorecard,
)

ATTENTION_COLUMNS = (
    "layer",
    "stage",
    "order",
    "mechanism",
    "channels",
    "kernel_size",
    "reduction",
    "channel",
    "descriptor",
    "logit",
    "weight",
)
KERNEL_COLUMNS = (
    "layer",
    "stage",
    "mechanism",
    "channels",
    "width",
    "kernel_size",
    "reduction",
    "by_channels",
    "by_width",
    "agreement",
    "taps",
)
FREQUENCIES = 65


def attention_table(attention: Sequence[LayerAttention]) -> pd.DataFrame:
    """One row per layer and channel of the batch's first photograph: ATTENTION_COLUMNS."""
    if not attention:
        return pd.DataFrame(columns=list(ATTENTION_COLUMNS))
    parts = [
        pd.DataFrame(
            {
                "layer": record.layer,
                "stage": record.stage,
                "order": record.order,
                "mechanism": record.mechanism,
                "channels": record.channels,
                "kernel_size": record.kernel_size,
                "reduction": record.reduction,
                "channel": np.arange(record.channels),
                "descriptor": record.descriptor[0],
                "logit": record.logits[0],
                "weight": record.weights[0],
            }
        )
        for record in attention
    ]
    table = pd.concat(parts, ignore_index=True)[list(ATTENTION_COLUMNS)]
    return table.astype({"kernel_size": "Int64", "reduction": "Float64"})


def kernel_table(attention: Sequence[LayerAttention]) -> pd.DataFrame:
    """Per layer the kernel size as loaded and by Eq. 12 on its channels and its block's width.

    Layers without a kernel have their reduction ratio instead, where there is one.
    """
    rows = [
        {
            "layer": record.layer,
            "stage": record.stage,
            "mechanism": record.mechanism,
            "channels": record.channels,
            "width": record.width,
            "kernel_size": record.kernel_size,
            "reduction": record.reduction,
            "by_channels": _by_eq_12(record, record.channels),
            "by_width": _by_eq_12(record, record.width),
            "agreement": kernel_agreement(record),
            "taps": [] if record.taps is None else [round(float(t), 4) for t in record.taps],
        }
        for record in attention
    ]
    whole = ("width", "kernel_size", "by_channels", "by_width")
    types = {**dict.fromkeys(whole, "Int64"), "reduction": "Float64"}
    return pd.DataFrame(rows, columns=list(KERNEL_COLUMNS)).astype(types)


def _by_eq_12(record: LayerAttention, channels: int | None) -> int | None:
    """Eq. 12 says nothing about layers without a kernel."""
    if record.kernel_size is None or channels is None:
        return None
    return adaptive_kernel_size(channels)


def kernel_agreement(record: LayerAttention) -> str:
    """In words, whether the loaded kernel size is the one that Eq. 12 gives, and on what."""
    k = record.kernel_size
    if k is None:
        ratio = "" if record.reduction is None else f", reduction ratio {record.reduction:.3g}"
        return f"no kernel across channels{ratio}"
    gives = {"C": adaptive_kernel_size(record.channels)}
    text = f"k = {k} here; the formula gives {gives['C']} for C = {record.channels}"
    if record.width is not None and record.width != record.channels:
        gives["width"] = adaptive_kernel_size(record.width)
        text += f" and {gives['width']} for the block's width {record.width}"
    fitting = [name for name, size in gives.items() if size == k]
    if len(fitting) == len(gives):
        return f"{text}: as the formula says"
    return f"{text}: chosen by {fitting[0]}" if fitting else f"{text}: chosen otherwise"


def agreements(attention: Sequence[LayerAttention]) -> list[tuple[str, str]]:
    """`kernel_agreement` for runs of layers that share it: which layers, and the words."""
    found = []
    for words, run in groupby(attention, kernel_agreement):
        names = [record.layer for record in run]
        found.append((names[0] if len(names) == 1 else f"{names[0]} to {names[-1]}", words))
    return found


def cost_table(costs: NetworkCosts) -> pd.DataFrame:
    """A network beside itself without attention and with SE, in plain units and the paper's."""
    rows = {
        "as loaded": costs.total,
        "without attention": costs.without,
        "with SE (r = 16) instead": costs.with_se,
        "its attention alone": costs.attention,
    }
    return _cost_rows(rows)


def layer_cost_table(costs: NetworkCosts) -> pd.DataFrame:
    """What each attention layer costs."""
    return _cost_rows(costs.layers)


def _cost_rows(rows: Mapping[str, Cost]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "what": name,
            "parameters": cost.parameters,
            "parameters_mebi": cost.parameters / 2**20,
            "multiply_adds": cost.multiply_adds,
            "multiply_adds_gibi": cost.multiply_adds / 2**30,
        }
        for name, cost in rows.items()
    )


def frequency_response(taps: Floats) -> tuple[Floats, Floats]:
    """How strongly a kernel passes on a pattern across the channels, by the pattern's frequency.

    Frequencies go from 0 (all channels alike) to 0.5 cycles a channel (neighbours opposed);
    the response is the magnitude of the kernel's discrete Fourier transform.
    """
    response = np.abs(np.fft.rfft(taps, n=2 * (FREQUENCIES - 1)))
    return np.linspace(0, 0.5, FREQUENCIES, dtype=np.float32), response.astype(np.float32)


def coarse(matrix: Floats, side: int) -> Floats:
    """A square matrix in at most side × side cells, each with its entry of largest magnitude."""
    step = -(-len(matrix) // side)
    if step == 1:
        return matrix
    cells = -(-len(matrix) // step)
    padded = np.pad(matrix, (0, cells * step - len(matrix)))
    entries = padded.reshape(cells, step, cells, step).swapaxes(1, 2).reshape(cells, cells, -1)
    largest = np.abs(entries).argmax(2)[..., None]
    found: Floats = np.take_along_axis(entries, largest, 2)[..., 0]
    return found


def gate_similarity(gates: Sequence[Floats]) -> NDArray[np.float64]:
    """Pearson's correlation (n, n) of gates (C,) over the channels; NaN for gates all alike."""
    rows = np.asarray(gates, dtype=np.float64)
    centred = rows - rows.mean(1, keepdims=True)
    length = np.linalg.norm(centred, axis=1)
    length[length < 1e-9] = np.nan
    unit = centred / length[:, None]
    found: NDArray[np.float64] = unit @ unit.T
    return found


def rank_correlation(one: Floats, other: Floats) -> float | None:
    """Spearman's ρ of the values of two arrays; None where one of them is all alike."""
    from scipy.stats import spearmanr  # slow to import

    if np.ptp(one) == 0 or np.ptp(other) == 0:
        return None
    return float(spearmanr(one.ravel(), other.ravel()).statistic)


def strongest_and_weakest(record: LayerAttention, count: int = 5) -> tuple[list[int], list[int]]:
    """Channels with the largest weights, largest first, and the smallest, smallest first."""
    order = np.argsort(record.weights[0], kind="stable")
    return [int(c) for c in order[::-1][:count]], [int(c) for c in order[:count]]


def weight_range(attention: Sequence[LayerAttention]) -> tuple[float, float]:
    """Smallest and largest weight of all layers, rounded outwards to tenths."""
    low = min(float(np.nanmin(record.weights)) for record in attention)
    high = max(float(np.nanmax(record.weights)) for record in attention)
    return float(np.floor(low * 10) / 10), float(np.ceil(high * 10) / 10)


def saliency_limits(maps: Sequence[SaliencyMap], shared: bool) -> list[float]:
    """For each map the value at the end of its colour scale, always above 0.

    It is the 99.5th percentile of the magnitudes, so that single pixels do not darken the
    rest; if `shared`, the largest of those among the maps of one kind (signed or not).
    """
    own = [
        float(np.percentile(np.abs(m.values), 99.5)) or float(np.abs(m.values).max()) for m in maps
    ]
    if shared:
        own = [
            max(limit for limit, other in zip(own, maps, strict=True) if other.signed == m.signed)
            for m in maps
        ]
    return [limit or 1.0 for limit in own]


# The columns of `score_table`, and a sentence on how to read each.
SCORE_COLUMNS = {
    "insertion area": "Mean probability of the class while the map's strongest pixels are put back "
    "into a blurred photograph first: high is good, and only above the random map's does the "
    "map know more than chance.",
    "deletion area": "Mean probability while the strongest pixels are painted over with the mean "
    "colour first: low is good, but painted pixels make a photograph that the network never saw.",
    "infidelity": "The part of the score's falls, when random rectangles are painted over, that "
    "the map's sums over them do not tell: 0 tells all, 1 nothing; maps that only know how large "
    "a rectangle is get what the random map gets.",
    "sensitivity": "The largest relative change of the map under noise that nobody would see: low "
    "is good, but a map that ignores the photograph would have 0.",
    "similarity to shuffled weights": "Rank correlation with the map of the same method on the "
    "network with shuffled weights (after Adebayo et al. 2018): near 0 is good, near 1 means "
    "that the map shows the photograph rather than what the network learnt; empty where the "
    "other map has one value everywhere.",
}


def score_table(scorecard: Scorecard) -> pd.DataFrame:
    """One row per map, the random one last, with the columns of SCORE_COLUMNS."""
    rows = [
        (s.title, s.insertion_area, s.deletion_area, s.infidelity, s.sensitivity, s.similarity)
        for s in scorecard.scores
    ]
    table = pd.DataFrame(rows, columns=["method", *SCORE_COLUMNS])
    return table.astype(dict.fromkeys(SCORE_COLUMNS, "float64"))


def curve_table(scorecard: Scorecard) -> pd.DataFrame:
    """The insertion and deletion curves, one row per map and share of the pixels."""
    parts = [
        pd.DataFrame(
            {
                "method": score.title,
                "share of the pixels": scorecard.shares,
                "probability, inserted": score.insertion,
                "probability, deleted": score.deletion,
            }
        )
        for score in scorecard.scores
    ]
    return pd.concat(parts, ignore_index=True)
