"""Kernel sizes beside Eq. 12, and the frequency response of a kernel."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

from eca_viz.kernel_size import adaptive_kernel_size
from eca_viz.locale.texts import Text, text, tr
from eca_viz.records import Floats, LayerAttention

if TYPE_CHECKING:
    import pandas as pd

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


def kernel_table(attention: Sequence[LayerAttention]) -> pd.DataFrame:
    """Per layer the kernel size as loaded and by Eq. 12 on its channels and its block's width.

    Layers without a kernel have their reduction ratio instead, where there is one. The column
    `agreement` holds each a Text.
    """
    import pandas as pd  # slow to import

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
            "taps": [] if record.taps is None else [round(float(t), 4) for t in record.taps],
        }
        for record in attention
    ]
    whole = ("width", "kernel_size", "by_channels", "by_width")
    types = {**dict.fromkeys(whole, "Int64"), "reduction": "Float64"}
    table = pd.DataFrame(rows, columns=list(KERNEL_COLUMNS)).astype(types)
    words = [kernel_agreement(record) for record in attention]
    return table.assign(agreement=pd.Series(words, dtype=object))  # else pandas makes them str


def tap_table(attention: Sequence[LayerAttention]) -> pd.DataFrame:
    """All taps, a row for each layer that has some, a column for each place from −k//2 to +k//2.

    A layer with a smaller k has NaN at the outer places.
    """
    import pandas as pd  # slow to import

    kernels = {record.layer: record.taps for record in attention if record.taps is not None}
    rows = [
        {"layer": layer, **{place - len(taps) // 2: float(tap) for place, tap in enumerate(taps)}}
        for layer, taps in kernels.items()
    ]
    reach = max((len(taps) // 2 for taps in kernels.values()), default=0)
    places = list(range(-reach, reach + 1)) if rows else []
    table = pd.DataFrame(rows, columns=["layer", *places])
    return table.rename(columns={place: f"{place:+d}" if place else "0" for place in places})


def _by_eq_12(record: LayerAttention, channels: int | None) -> int | None:
    """None for layers without a kernel, which Eq. 12 is not about."""
    if record.kernel_size is None or channels is None:
        return None
    return adaptive_kernel_size(channels)


# What gates depend on in mechanisms without shared taps, where that is not all channels at once.
_WITHOUT_TAPS = {
    "eca_mlp": text("a kernel across channels behind a first convolution; Eq. 12 is not applied"),
    "srm": text("no kernel across channels; each gate depends on its own channel alone"),
    "gct": text("no kernel across channels; the channels meet in the mean of their norms alone"),
}


def kernel_agreement(record: LayerAttention) -> Text:
    """Whether the loaded kernel size is the one by Eq. 12, on C or on the width, in words."""
    k = record.kernel_size
    if k is None:
        return _without_kernel(record)
    by_channels = by_width = adaptive_kernel_size(record.channels)
    sizes = text(
        "k = {k} here; the formula gives {by_channels} for C = {channels}",
        k=k,
        by_channels=by_channels,
        channels=record.channels,
    )
    if record.width is not None and record.width != record.channels:
        by_width = adaptive_kernel_size(record.width)
        sizes = text(
            "k = {k} here; the formula gives {by_channels} for C = {channels} and {by_width} for "
            "the block's width {width}",
            k=k,
            by_channels=by_channels,
            channels=record.channels,
            by_width=by_width,
            width=record.width,
        )
    if by_channels == by_width == k:
        return text("{sizes}: as the formula says", sizes=sizes)
    if by_channels == k:
        return text("{sizes}: chosen by C", sizes=sizes)
    if by_width == k:
        return text("{sizes}: chosen by width", sizes=sizes)
    return text("{sizes}: chosen otherwise", sizes=sizes)


def _without_kernel(record: LayerAttention) -> Text:
    if record.verified == "weights":
        return text("how its gates are computed is not known")
    if record.mechanism in _WITHOUT_TAPS:
        return _WITHOUT_TAPS[record.mechanism]
    if record.reduction is None:
        return text("no kernel across channels")
    return text(
        "no kernel across channels, reduction ratio {reduction:.3g}", reduction=record.reduction
    )


def agreements(attention: Sequence[LayerAttention]) -> list[tuple[str, str]]:
    """`kernel_agreement` of each run of layers that share it: the layers, and the words."""
    found = []
    for words, run in groupby(attention, kernel_agreement):
        names = [record.layer for record in run]
        layers = names[0]
        if len(names) > 1:
            layers = tr("{first} to {last}", first=names[0], last=names[-1])
        found.append((layers, tr(words)))
    return found


def frequency_response(taps: Floats) -> tuple[Floats, Floats]:
    """Frequencies (65,) of patterns across the channels, and a kernel's gain (65,) at each.

    Frequencies go from 0 (all channels alike) to 0.5 cycles per channel (neighbours opposed);
    the gain is the magnitude of the kernel's discrete Fourier transform.
    """
    response = np.abs(np.fft.rfft(taps, n=2 * (FREQUENCIES - 1)))
    return np.linspace(0, 0.5, FREQUENCIES, dtype=np.float32), response.astype(np.float32)
