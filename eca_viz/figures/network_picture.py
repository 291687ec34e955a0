"""The network from input to output, its attention layers marked."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from eca_viz.analysis.attention import by_stage, gate_range, mean_gate, standing_out
from eca_viz.figures import theme
from eca_viz.figures.rows import short
from eca_viz.locale.texts import listed, text, tr
from eca_viz.records import LayerAttention

HEIGHT = 76
ENDS = 60  # pixels for the words at both ends
NARROWEST = 2  # layers from the middle to either end
APART = 0.6  # between two stages, in widths of a layer
CAPTION = text(
    "Look at the mean gate ω of each layer, from input to output; a click picks the layer. A "
    "layer with a high mean is not more important."
)


def network_picture(attention: Sequence[LayerAttention]) -> go.Figure:
    """One box a layer, from input to output and in its stage, coloured by its mean gate.

    The layers are in the order of the forward pass; the colour scale is that of the overview.
    """
    low, high = gate_range(attention)
    stages = by_stage(attention)
    places, centres = _places(stages)
    names = short([record.layer for record in attention])
    last = max(places.values())
    reach = max(last / 2 + 0.8, NARROWEST)
    figure = theme.figure(
        height=HEIGHT,
        caption=tr(CAPTION),
        alt=_alt(stages),
        bargap=0,
        margin={"l": ENDS, "r": ENDS, "t": 4, "b": 28, "autoexpand": False},
        coloraxis={"colorscale": theme.GATE_SCALE, "cmin": low, "cmax": high, "showscale": False},
        shapes=[_line()],
        annotations=[_end(0, "right", tr("input")), _end(1, "left", tr("output"))],
        xaxis={
            "range": [last / 2 - reach, last / 2 + reach],
            "tickvals": centres,
            "ticktext": _stage_names(list(stages)),
            "showgrid": False,
            "tickangle": 0,
            "tickfont": {"size": 14},
            "fixedrange": True,
            "automargin": False,
        },
        yaxis={"range": [0, 1], "visible": False, "fixedrange": True},
    )
    boxes = zip(attention, names, strict=True)
    return figure.add_traces([_box(one, name, places[one.layer]) for one, name in boxes])


def _places(
    stages: dict[str, list[LayerAttention]],
) -> tuple[dict[str, float], list[float]]:
    """Where each layer stands, and the middle of each stage."""
    places: dict[str, float] = {}
    centres = []
    at = 0.0
    for records in stages.values():
        here = at + np.arange(len(records))
        places |= {record.layer: float(x) for record, x in zip(records, here, strict=True)}
        centres.append(float(here.mean()))
        at += len(records) + APART
    return places, centres


def _box(record: LayerAttention, name: str, place: float) -> dict[str, Any]:
    mean = mean_gate(record.weights[0])
    kernel = "" if record.kernel_size is None else f", k = {record.kernel_size}"
    return {
        "type": "bar",
        "name": record.layer,
        "x": [place],
        "y": [0.8],
        "base": [0.1],
        "width": 0.86,
        "customdata": [[standing_out(record)]],
        "marker": {"color": [mean], "coloraxis": "coloraxis", "cornerradius": 4},
        "hovertemplate": theme.hover(
            f"{name}: C = {record.channels}{kernel}", tr("mean ω = {mean:.4f}", mean=mean)
        ),
    }


def _line() -> dict[str, Any]:
    """What the layers are strung on."""
    return {
        "type": "line",
        "xref": "paper",
        "x0": 0,
        "x1": 1,
        "y0": 0.5,
        "y1": 0.5,
        "line": {"color": "#888", "width": 2},
        "layer": "below",
    }


def _end(x: int, anchor: str, words: str) -> dict[str, Any]:
    place = {"x": x, "xref": "paper", "xanchor": anchor, "y": 0.5, "yanchor": "middle"}
    return {**place, "text": words, "showarrow": False}


def _stage_names(stages: Sequence[str]) -> list[str]:
    """Without the module that all stages lie in."""
    parts = [stage.rpartition(".") for stage in stages]
    same = len({before for before, _, _ in parts}) == 1 and len(stages) > 4
    return [last for _, _, last in parts] if same else list(stages)


def _alt(stages: dict[str, list[LayerAttention]]) -> str:
    means = (
        f"{stage} {np.mean([mean_gate(record.weights[0]) for record in records]):.2f}"
        for stage, records in stages.items()
    )
    return tr(
        "The attention layers from input to output. Mean gate of each stage: {means}",
        means=listed(means),
    )
