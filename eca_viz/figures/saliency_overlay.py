"""A saliency map over the image that the network sees."""

import plotly.graph_objects as go

from eca_viz.analysis.saliency import describe
from eca_viz.figures import theme
from eca_viz.images.encoding import data_url
from eca_viz.locale.texts import text, tr
from eca_viz.records import ChannelTarget, Pixels, SaliencyMap

SIDE = 380
# Below several maps of a class, and below the maps of A, of B and their difference.
MAPS = text(
    "Look at whether the pixels with large attributions belong to the class. A plausible map does "
    "not prove that the prediction would change without them."
)
DIFFERENCE = text(
    "Look at where the attributions differ. A − B is taken pixel by pixel: where the images "
    "differ, it does not prove that the network uses something else, since objects lie elsewhere."
)
CHANNEL = text(
    "Look at which pixels move this channel's mean activation behind the gate. A clear map does "
    "not show whether the class depends on the channel."
)


def saliency_overlay(
    seen: Pixels,
    saliency: SaliencyMap,
    *,
    limit: float,
    strength: float = 0.8,
    side: int = SIDE,
) -> go.Figure:
    """The map over the image.

    Signed maps go from blue (against the target) to red (for it), others fade in to yellow.
    The caption describes how the map was made.

    Args:
        seen: The image as the network sees it, RGB (h, w, 3).
        saliency: The map of that image.
        limit: Value at the end of the colour scale, above 0.
        strength: Opacity of the map in [0, 1].
        side: Height of the figure in pixels.

    Returns:
        A figure with one heat map above a layout image.
    """
    height, width = seen.shape[:2]
    about = describe(saliency)
    if isinstance(saliency.target, ChannelTarget):
        about = f"{about} {tr(CHANNEL)}"
    figure = theme.figure(
        height=side,
        caption=about,
        alt=tr(
            "{title} for {label} over the image",
            title=tr(saliency.title),
            label=tr(saliency.target.label),
        ),
    )
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
            hovertemplate=theme.hover("x %{x}, y %{y}", "%{z:.3e}"),
        )
    )
    figure.update_xaxes(visible=False, range=[-0.5, width - 0.5], constrain="domain")
    figure.update_yaxes(
        visible=False,
        range=[height - 0.5, -0.5],
        scaleanchor="x",
        constrain="domain",
        constraintoward="top",
    )
    figure.update_layout(margin={"l": 0, "r": 0, "t": 0, "b": 40})
    return figure
