"""What happens to the logit of a class when gates are set to their mean gates."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from eca_viz.figures import theme
from eca_viz.locale.texts import text, tr
from eca_viz.records import ChannelEffects, Floats, LayerEffects

HEIGHT = 380
CHANGE = text("change of the logit")
GATES = text(
    "Look at whether the dots far from 0 are also those on the right: only then does a large gate "
    "mean that its channel matters. One gate at a time does not show the effect of several at once."
)
ATTRIBUTIONS = text(
    "Look for dots on a straight line: there the gradient, one backward pass, agrees with the "
    "measurement. The two need not agree: attribution asks about the gate's absence, the "
    "measurement about its mean gate."
)
LAYERS = text(
    "Look for the longest bar: in that layer the difference from the mean gates matters most for "
    "this class. A short bar does not prove that the layer is unimportant: this image's gates may "
    "be close to their means."
)


def gate_against_effect(effects: ChannelEffects) -> go.Figure:
    """Each channel's gate ω against the change of the logit when it is set to its mean gate."""
    return _scatter(
        effects,
        effects.weights,
        tr(theme.GATE),
        "ω",
        title=theme.title(tr("Gate against effect")),
        caption=tr(GATES),
        alt=tr("Each gate of {layer} against its effect on the class", layer=effects.layer),
    )


def attribution_against_effect(effects: ChannelEffects) -> go.Figure:
    """Captum's gradient × activation of each gate against the measured change of the logit."""
    return _scatter(
        effects,
        effects.attribution,
        tr("gradient × activation"),
        "g",
        title=theme.title(tr("Attribution against effect")),
        caption=tr(ATTRIBUTIONS),
        alt=tr(
            "Captum's attribution of each gate of {layer} against its measured effect",
            layer=effects.layer,
        ),
    )


def _scatter(
    effects: ChannelEffects, values: Floats, axis: str, symbol: str, **layout: Any
) -> go.Figure:
    figure = theme.figure(height=HEIGHT, **layout)
    figure.add_trace(
        go.Scatter(
            x=values,
            y=effects.change,
            customdata=np.stack(
                [np.arange(len(values)), effects.weights, effects.reference], axis=-1
            ).astype(np.float32),
            mode="markers",
            marker={"size": 6, "color": theme.ACCENT, "opacity": 0.7},
            hovertemplate=theme.hover(
                tr("channel %{customdata[0]}"),
                f"{symbol} = %{{x:.4f}}",
                tr("ω = %{customdata[1]:.4f}, mean gate %{customdata[2]:.4f}"),
                tr("change of the logit %{y:+.4f}"),
            ),
        )
    )
    figure.add_hline(0, line={"color": theme.NEUTRAL, "width": 1})
    figure.update_xaxes(title=axis)
    figure.update_yaxes(title=tr(CHANGE))
    return figure


def layer_effects(effects: LayerEffects) -> go.Figure:
    """One bar for each layer: the change of the logit when it has its mean gates."""
    rows = list(range(len(effects.layers)))
    height = theme.row_height(len(rows))
    largest = float(np.abs(effects.change).max()) or 1.0
    figure = theme.figure(
        height=110 + height * len(rows),
        caption=tr(LAYERS),
        alt=tr("Change of the logit when all gates of one layer are set to their mean gates"),
    )
    figure.add_trace(
        go.Bar(
            x=effects.change,
            y=rows,
            orientation="h",
            marker={
                "color": effects.change,
                "cmin": -largest,
                "cmax": largest,
                "colorscale": theme.ENTRY_SCALE,
            },
            customdata=effects.distance,
            text=[f"{change:+.3f}" for change in effects.change],
            textposition="outside",
            cliponaxis=False,
            hovertemplate=theme.hover(
                tr("change of the logit %{x:+.4f}"),
                tr("gates are %{customdata:.4f} from their means on average"),
            ),
        )
    )
    figure.add_vline(0, line={"color": theme.NEUTRAL, "width": 1})
    figure.update_xaxes(title=tr(CHANGE), range=[-1.25 * largest, 1.25 * largest])
    figure.update_yaxes(
        autorange="reversed",
        tickvals=rows,
        ticktext=list(effects.layers),
        tickfont={"size": min(14, height - 3)},
        showgrid=False,
    )
    return figure
