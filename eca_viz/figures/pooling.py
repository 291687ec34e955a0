"""Global average pooling: the map of one channel becomes its descriptor."""

import numpy as np
import plotly.graph_objects as go

from eca_viz.figures import over_image, theme
from eca_viz.locale.texts import text, tr
from eca_viz.records import Floats

HEIGHT = 430
CAPTION = text(
    "Look at the cells: hovering shows each value, and their mean is the orange dot on the right. "
    "It keeps how much the channel responds, and cannot say where in the image."
)


def pooling(values: Floats, descriptor: Floats, channel: int) -> go.Figure:
    """The values of a channel's feature map, and the descriptor of all channels with its mean.

    Args:
        values: The map (H, W).
        descriptor: The means y (C,) of all channels.
        channel: Index of the map's channel.

    Returns:
        A figure with a heat map and a line.
    """
    height, width = values.shape
    end = float(np.abs(values).max()) or 1.0
    mean = float(descriptor[channel])
    figure = theme.figure(
        height=HEIGHT,
        caption=tr(CAPTION),
        alt=tr(
            "The {height} × {width} values of channel {channel}, and the descriptor of {n} "
            "channels, in which their mean {mean:.4f} is marked",
            height=height,
            width=width,
            channel=channel,
            n=len(descriptor),
            mean=mean,
        ),
        xaxis={"domain": [0, 0.46], "visible": False, "constrain": "domain"},
        yaxis={
            "autorange": "reversed",
            "visible": False,
            "scaleanchor": "x",
            "constrain": "domain",
            "constraintoward": "top",
        },
        xaxis2={
            "domain": [0.58, 1],
            "anchor": "y2",
            "title": {"text": tr(theme.CHANNEL)},
            "zeroline": False,
        },
        yaxis2={"anchor": "x2", "zeroline": True, "zerolinecolor": theme.NEUTRAL},
        annotations=[
            over_image.label(
                0,
                1,
                tr(
                    "channel {channel}: {height} × {width} values",
                    channel=channel,
                    height=height,
                    width=width,
                ),
            ),
            over_image.label(0.58, 1, tr("descriptor y of {n} channels", n=len(descriptor))),
        ],
        margin={**theme.MARGIN, "b": 48},
    )
    figure.add_trace(
        go.Heatmap(
            z=values,
            zmin=-end,
            zmax=end,
            colorscale=list(theme.ENTRY_SCALE),
            showscale=False,
            xgap=1,
            ygap=1,
            hovertemplate=theme.hover(tr("row %{y}, column %{x}: %{z:.4f}")),
        )
    )
    figure.add_trace(
        go.Scatter(
            x=np.arange(len(descriptor)),
            y=descriptor,
            xaxis="x2",
            yaxis="y2",
            mode="lines",
            line={"shape": "hvh", "width": 1.5, "color": theme.ACCENT},
            hovertemplate=theme.hover(tr("channel %{x}"), "y = %{y:.4f}"),
        )
    )
    dot = {"size": 12, "color": theme.SECOND}
    return figure.add_trace(
        go.Scatter(
            x=[channel],
            y=[mean],
            xaxis="x2",
            yaxis="y2",
            mode="markers",
            marker=dot,
            hovertemplate=theme.hover(tr("channel %{x}"), "y = %{y:.4f}"),
        )
    )
