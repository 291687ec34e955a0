"""The curve from logit z to gate ω, with one channel marked on it."""

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from eca_viz.figures import theme
from eca_viz.locale.texts import text, tr
from eca_viz.records import ChannelSteps

HEIGHT = 440
CAPTION = text(
    "Look at where on the curve the channel lies: in the steep part a small change of z moves the "
    "gate much, at the flat ends hardly. A gate near 1 does not prove that the prediction depends "
    "on its channel."
)


def activated(one: ChannelSteps, z: NDArray[np.float64]) -> NDArray[np.float64]:
    """The gates ω that the layer's activation makes of logits z."""
    curves: dict[str, NDArray[np.float64]] = {
        "sigmoid": 1 / (1 + np.exp(-z)),
        "hard sigmoid": np.clip(z / 6 + 0.5, 0, 1),
        "1 + tanh": 1 + np.tanh(z),
    }
    return curves[one.activation]


def highest(one: ChannelSteps) -> int:
    """The least upper bound of the layer's gates."""
    return 2 if one.activation == "1 + tanh" else 1


def activation_curve(one: ChannelSteps) -> go.Figure:
    """Gate ω over logit z by the layer's activation, and where the channel lies on it."""
    end = 1.7 * max(4.0, 1.2 * abs(one.logit))
    z = np.linspace(-end, end, 101)
    curve = activated(one, z)
    right = one.logit > 0  # below the curve on the right, above it on the left is room
    figure = theme.figure(
        height=HEIGHT,
        caption=tr(CAPTION),
        alt=tr(
            "The {activation} at logit z of channel {channel}",
            activation=one.activation,
            channel=one.channel,
        ),
        xaxis={
            "title": {"text": tr("z, then the {activation}", activation=one.activation)},
            "range": [-end, end],
        },
        yaxis={
            "title": {"text": tr(theme.GATE)},
            "range": [0, highest(one)],
        },
        annotations=[
            {
                "x": one.logit,
                "y": one.weight,
                "text": f"z = {one.logit:.4f}<br>ω = {one.weight:.4f}",
                "showarrow": False,
                "xanchor": "left" if right else "right",
                "xshift": 12 if right else -12,
                "yshift": -24 if right else 24,
            }
        ],
    )
    figure.add_traces(
        [
            {
                "type": "scatter",
                "x": z,
                "y": curve,
                "mode": "lines",
                "line": {"color": "#888", "width": 2},
                "hovertemplate": "z = %{x:.3f}<br>ω = %{y:.4f}<extra></extra>",
            },
            {
                "type": "scatter",
                "x": [one.logit, one.logit, -end],
                "y": [0, one.weight, one.weight],
                "mode": "lines+markers",
                "line": {"color": theme.SECOND, "width": 1.5, "dash": "dot"},
                "marker": {"size": [0, 12, 0], "color": theme.SECOND},
                "hovertemplate": "z = %{x:.4f}<br>ω = %{y:.4f}<extra></extra>",
            },
        ]
    )
    return figure
