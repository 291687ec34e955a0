"""The receptive window that slides along the channels, with buttons to play and pause it."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from eca_viz.figures import theme
from eca_viz.locale.texts import text, tr
from eca_viz.records import ChannelSteps

HEIGHT = 560
SHARED_TAPS = ("eca", "ceca")
SHARED = text(
    "Look at how the same taps move from channel to channel (press Play or drag the slider); in "
    "the padding at both ends (shaded) the values are zeros. Neighbouring channels need not "
    "respond to similar things."
)
OWN = text(
    "Look at which channels are in each gate's receptive window, and at its own coefficients "
    "(press Play or drag the slider). Neighbouring channels need not respond to similar things."
)
PACE = 600  # milliseconds a channel
GREY = "rgba(128,128,128,0.25)"
# Rows from top to bottom: which part of the height each has.
ROWS = ((0.79, 1.0), (0.53, 0.73), (0.27, 0.47), (0.0, 0.21))


def channel_window(frames: Sequence[ChannelSteps], channel: int) -> go.Figure:
    """The steps of neighbouring channels as frames of an animation, beginning with `channel`.

    From top to bottom: the descriptor with the window on it, the taps, the products, and
    their gate ω among those of its neighbours. `channel` must be that of one of the `frames`.
    """
    start = next(place for place, one in enumerate(frames) if one.channel == channel)
    values = {
        int(place): (float(value), int(index))
        for one in frames
        for place, value, index in zip(
            one.terms.places, one.terms.values, one.terms.indices, strict=True
        )
    }
    places = sorted(values)
    still = [
        _bars(places, [values[place][0] for place in places], "y"),
        _bars([one.channel for one in frames], [one.weight for one in frames], "y4"),
    ]
    layout = theme.figure(
        height=HEIGHT,
        caption=tr(SHARED if frames[0].mechanism in SHARED_TAPS else OWN),
        alt=tr(
            "The window slides along channels {first} to {last}",
            first=frames[0].channel,
            last=frames[-1].channel,
        ),
        barmode="overlay",
        margin={"l": 8, "r": 8, "t": 60, "b": 8},
        sliders=[_slider(frames, start)],
        updatemenus=[_buttons()],
        shapes=[theme.padding(place) for place in places if values[place][1] < 0],
        xaxis={
            "anchor": "y4",
            "range": [places[0] - 0.6, places[-1] + 0.6],
            "title": {"text": tr(theme.CHANNEL)},
            "showgrid": False,
        },
        **_axes(frames, values),
    ).layout
    return go.Figure(
        data=[*still, *_moving(frames[start])],
        layout=layout,
        frames=[
            {"name": str(one.channel), "data": _moving(one), "traces": [2, 3, 4, 5]}
            for one in frames
        ],
    )


def _bars(places: Sequence[int], values: Sequence[float], axis: str) -> dict[str, Any]:
    """Faint bars of all channels, behind those of one frame."""
    return {
        "type": "bar",
        "x": places,
        "y": values,
        "yaxis": axis,
        "marker": {"color": theme.ACCENT, "opacity": 0.35},
        "hovertemplate": theme.hover(tr("channel %{x}: %{y:.4f}")),
    }


def _moving(one: ChannelSteps) -> list[dict[str, Any]]:
    """The traces of one frame: window, taps, products and gate."""
    places = one.terms.places
    rows = (
        ("y", one.terms.values, theme.SECOND),
        ("y2", one.terms.coefficients, theme.by_sign(one.terms.coefficients)),
        ("y3", one.terms.products, theme.by_sign(one.terms.products)),
    )
    return [
        *(
            {"type": "bar", "x": places, "y": values, "yaxis": axis, "marker": {"color": colour}}
            for axis, values, colour in rows
        ),
        {
            "type": "bar",
            "x": [one.channel],
            "y": [one.weight],
            "yaxis": "y4",
            "marker": {"color": theme.SECOND},
            "text": [f"z = {one.logit:.4f}<br>ω = {one.weight:.4f}"],
            "textposition": "outside",
            "textangle": 0,
            "constraintext": "none",
            "cliponaxis": False,
        },
    ]


def _axes(
    frames: Sequence[ChannelSteps], values: dict[int, tuple[float, int]]
) -> dict[str, dict[str, Any]]:
    """The four rows, each on one scale for all frames."""
    rows = (
        ("yaxis", tr(theme.DESCRIPTOR), np.array([value for value, _ in values.values()])),
        ("yaxis2", "× " + tr("tap"), np.concatenate([one.terms.coefficients for one in frames])),
        ("yaxis3", tr("= product"), np.concatenate([one.terms.products for one in frames])),
        ("yaxis4", tr(theme.GATE), np.array([1.3])),  # room for the numbers
    )
    axes = {}
    for (name, title, numbers), domain in zip(rows, ROWS, strict=True):
        low, high = min(0.0, float(numbers.min())), max(0.0, float(numbers.max()))
        room = 0.1 * (high - low or 1.0)
        axes[name] = {
            "domain": domain,
            "range": [low - room * (low < 0), high + room],
            "title": {"text": title},
            "nticks": 4,
            "zeroline": True,
            "automargin": True,
        }
    return axes


def _slider(frames: Sequence[ChannelSteps], start: int) -> dict[str, Any]:
    at_once = {"mode": "immediate", "frame": {"duration": 0, "redraw": True}}
    return {
        "active": start,
        "currentvalue": {"prefix": tr(theme.CHANNEL) + " "},
        "pad": {"t": 50},
        "bgcolor": GREY,
        "activebgcolor": theme.ACCENT,
        "bordercolor": "#888",
        "tickcolor": "#888",
        "steps": [
            {
                "method": "animate",
                "label": str(one.channel),
                "args": [[str(one.channel)], {**at_once, "transition": {"duration": 0}}],
            }
            for one in frames
        ],
    }


def _buttons() -> dict[str, Any]:
    play = {
        "mode": "immediate",
        "fromcurrent": True,
        "frame": {"duration": PACE, "redraw": True},
        "transition": {"duration": 0},
    }
    pause = {"mode": "immediate", "frame": {"duration": 0}, "transition": {"duration": 0}}
    return {
        "type": "buttons",
        "direction": "left",
        "showactive": False,
        "bgcolor": GREY,
        "bordercolor": "#888",
        "x": 0,
        "xanchor": "left",
        "y": 1,
        "yanchor": "bottom",
        "pad": {"b": 12},
        "buttons": [
            {"label": "▶ " + tr("Play"), "method": "animate", "args": [None, play]},
            {"label": "❚❚ " + tr("Pause"), "method": "animate", "args": [[None], pause]},
        ],
    }
