"""The charts of a record by their names, for notebooks and scripts."""

from collections.abc import Callable, Mapping
from typing import Any, Literal

import plotly.graph_objects as go

from eca_viz import figures
from eca_viz.analysis.attention import gate_range
from eca_viz.analysis.saliency import saliency_limits
from eca_viz.errors import SelectionError
from eca_viz.locale.texts import text
from eca_viz.records import (
    ChannelEffects,
    ChannelSteps,
    Explanation,
    FolderAccuracy,
    FolderStatistics,
    LayerAttention,
    LayerEffects,
    LayerResponse,
    LayerStatistics,
)


def _overlay(explanation: Explanation, method: str | None = None, **look: Any) -> go.Figure:
    found = [one for one in explanation.saliency if method in (None, one.method)]
    if not found:
        raise SelectionError(
            text(
                "no map of {method}; this explanation has {held}: name it in `saliency` of explain",
                method=method or text("any method"),
                held=", ".join(one.method for one in explanation.saliency) or text("none"),
            )
        )
    limit = saliency_limits(found[:1], shared=False)[0]
    return figures.saliency_overlay(explanation.seen, found[0], **{"limit": limit, **look})


def _curves(
    explanation: Explanation, kind: Literal["insertion", "deletion"] = "insertion"
) -> go.Figure:
    if explanation.scorecard is None:
        raise SelectionError(
            text("this explanation has no scorecard; ask explain for `scores=True`")
        )
    return figures.score_curves(explanation.scorecard, kind)


def _of_layer(draw: Callable[..., go.Figure]) -> Callable[..., go.Figure]:
    def chart(record: LayerAttention, channel: int | None = None) -> go.Figure:
        if channel is not None:
            record.check_channel(channel)
        return draw(record, gate_range([record]), channel)

    return chart


def _predictions(explanation: Explanation) -> go.Figure:
    if not explanation.predictions:
        raise SelectionError(
            text("this network gives no classes, so there are no predictions to draw")
        )
    return figures.predictions(explanation.predictions)


def _of_all(draw: Callable[..., go.Figure]) -> Callable[..., go.Figure]:
    def chart(explanation: Explanation, **look: Any) -> go.Figure:
        if not explanation.attention:
            raise SelectionError(
                text("this explanation has no attention layer; draw its predictions")
            )
        return draw(explanation.attention, **look)

    return chart


def _of_kernels(draw: Callable[..., go.Figure]) -> Callable[..., go.Figure]:
    def chart(one: Explanation | LayerAttention) -> go.Figure:
        layers = one.attention if isinstance(one, Explanation) else (one,)
        if all(layer.kernel_size is None for layer in layers):
            raise SelectionError(text("no layer here has a kernel across channels; draw its gates"))
        return draw(layers)

    return chart


_Charts = Mapping[str, Callable[..., go.Figure]]
# Of each record its charts, the one first that is drawn where none is named.
CHARTS: Mapping[type, _Charts] = {
    Explanation: {
        "overview": _of_all(figures.overview),
        "predictions": _predictions,
        "saliency_overlay": _overlay,
        "score_curves": _curves,
        "kernel_sizes": _of_kernels(figures.kernel_sizes),
        "taps": _of_kernels(figures.taps),
        "frequency_responses": _of_kernels(figures.frequency_responses),
    },
    LayerAttention: {
        "gates_over_channels": _of_layer(figures.gates_over_channels),
        "sorted_gates": _of_layer(figures.sorted_gates),
        "descriptor_against_gate": _of_layer(figures.descriptor_against_gate),
        "taps": _of_kernels(figures.taps),
        "frequency_responses": _of_kernels(figures.frequency_responses),
    },
    LayerResponse: {
        "matrix": lambda one, **look: figures.matrix(one.matrix, one.layer, **look),
        "jacobian": lambda one, limit=None: figures.jacobian(
            one.jacobian, one.layer, limit=limit or float(abs(one.jacobian).max()) or 1.0
        ),
    },
    ChannelSteps: {
        "channel_terms": figures.channel_terms,
        "activation_curve": figures.activation_curve,
    },
    LayerEffects: {"layer_effects": figures.layer_effects},
    ChannelEffects: {
        "gate_against_effect": figures.gate_against_effect,
        "attribution_against_effect": figures.attribution_against_effect,
    },
    FolderStatistics: {
        "saturation_of_layers": lambda one: figures.saturation_of_layers(one.layers),
        "variance_between_classes": lambda one: figures.variance_between_classes(one.layers),
    },
    LayerStatistics: {"class_heat_map": figures.class_heat_map},
    FolderAccuracy: {"attention_need": figures.attention_need, "pruning": figures.pruning},
}


def show(record: object, chart: str | None = None, **options: Any) -> go.Figure:
    """A chart of a record; the last value of a notebook's cell is drawn by Plotly.

    >>> figure = eca_viz.show(explanation, "saliency_overlay", method="grad_cam", side=300)
    >>> figure = eca_viz.show(explanation.layer("layer3.1.eca"), "sorted_gates", channel=12)

    Args:
        record: An explanation, a layer of one, what `inspection` or statistics give.
        chart: Name of the chart; the record's main one where none is given.
        options: The chart's own: `channel` of a layer's, `method` or `strength` of a saliency
            overlay, `kind` of score curves, `side` in pixels.

    Returns:
        The figure; `figure.write_html` and `figure.to_json` keep it.

    Raises:
        SelectionError: For a record without charts, an unknown chart, and what the record does
            not hold.
    """
    charts = CHARTS.get(type(record))
    if charts is None:
        raise SelectionError(
            text(
                "got a {kind}, which has no charts; give one of {kinds}",
                kind=type(record).__name__,
                kinds=", ".join(kind.__name__ for kind in CHARTS),
            )
        )
    if chart is None:
        chart = next(iter(charts))
    if chart not in charts:
        raise SelectionError(
            text(
                "{kind} has no chart {chart!r}; give one of {charts}",
                kind=type(record).__name__,
                chart=chart,
                charts=", ".join(charts),
            )
        )
    return charts[chart](record, **options)
