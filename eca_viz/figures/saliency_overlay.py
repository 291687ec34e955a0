"""A saliency map over the photograph that the network saw."""

import plotly.graph_objects as go

from eca_viz.figures import theme
from eca_viz.images.encoding import data_url
from eca_viz.records import Pixels, SaliencyMap

SIDE = 380


def saliency_overlay(
    seen: Pixels,
    saliency: SaliencyMap,
    *,
    limit: float,
    strength: float = 0.8,
) -> go.Figure:
    """The map over the photograph; colours end at `limit`, `strength` in [0, 1] is its opacity.

    Signed maps go from blue (against the class) to red (for it), others fade in to yellow.
    """
    height, width = seen.shape[:2]
    figure = theme.figure(height=SIDE)
    figure.add_layout_image(
        source=data_url(seen),
        xref="x",
        yref="y",
        x=-0.5,
        y=-0.5,
        sizex=width,
        sizey=height,
        sizing="stretch",
        layer="below",
    )
    figure.add_trace(
        go.Heatmap(
            z=saliency.values,
            zmin=-limit if saliency.signed else 0,
            zmax=limit,
            colorscale=theme.signed_scale() if saliency.signed else theme.unsigned_scale(),
            opacity=strength,
            colorbar={
                "orientation": "h",
                "thickness": 10,
                "y": 0,
                "yanchor": "top",
                "exponentformat": "e",
                "nticks": 5,
            },
            hovertemplate="x %{x}, y %{y}<br>%{z:.3e}<extra></extra>",
        )
    )
    figure.update_xaxes(visible=False, range=[-0.5, width - 0.5], constrain="domain")
    figure.update_yaxes(
        visible=False, range=[height - 0.5, -0.5], scaleanchor="x", constrain="domain"
    )
    figure.update_layout(margin={"l": 0, "r": 0, "t": 0, "b": 40})
    return figure
