"""Clicks on channels in charts, which Streamlit itself does not report for cells and lines."""

from collections.abc import Mapping, Sequence

import streamlit as st

from eca_viz.records import Explanation
from eca_viz.ui import state

# Plotly calls its listeners with the point under the pointer. A chart is made anew when its
# numbers change, so the page is watched for charts that have no listener yet; adding one that
# is there already is undone first, so that a click is told once.
_SCRIPT = """
let tell = () => {};
const listeners = new Map();

function listener(key) {
    if (!listeners.has(key)) {
        listeners.set(key, event => {
            const point = event.points[0];
            const details = point.customdata;
            if (details === undefined) return;
            const channel = Number(details.length === undefined ? details : details[0]);
            tell({chart: key, layer: String(point.data.name ?? ""), channel});
        });
    }
    return listeners.get(key);
}

function charts(key) {
    return document.querySelectorAll(`.st-key-${key} .js-plotly-plot`);
}

// Plotly rejects a promise with nothing when an animation is paused, and nobody catches it.
window.addEventListener("unhandledrejection", event => {
    if (event.reason === undefined) event.preventDefault();
});

export default function ({data, setTriggerValue}) {
    tell = click => setTriggerValue("click", click);
    let waiting = false;
    const listen = () => {
        waiting = false;
        for (const key of data.charts) {
            for (const chart of charts(key)) {
                if (!chart.on) continue;
                chart.removeListener("plotly_click", listener(key));
                chart.on("plotly_click", listener(key));
            }
        }
    };
    const watcher = new MutationObserver(() => {
        if (!waiting) {
            waiting = true;
            requestAnimationFrame(listen);
        }
    });
    watcher.observe(document.body, {childList: true, subtree: true});
    listen();
    return () => {
        watcher.disconnect();
        for (const key of data.charts) {
            for (const chart of charts(key)) {
                chart.removeListener?.("plotly_click", listener(key));
            }
        }
    };
}
"""
_KEY = "clicks"
_component = st.components.v2.component("eca_viz_clicks", js=_SCRIPT)


def listen(explanation: Explanation, charts: Sequence[str]) -> None:
    """Makes a click on a channel in one of the charts, named by their keys, pick it."""
    _component(
        key=_KEY,
        data={"charts": list(charts)},
        height=1,
        on_click_change=lambda: _pick(explanation),
    )


def _pick(explanation: Explanation) -> None:
    take(explanation, st.session_state[_KEY]["click"])


def take(explanation: Explanation, click: object) -> None:
    """Picks what was clicked, before the page is drawn again.

    A click comes from the browser, so one that means no channel of this network is left
    alone. A chart of one layer names none.
    """
    if not isinstance(click, Mapping):
        return
    layer = click.get("layer") or st.session_state.get(state.LAYER)
    channel = click.get("channel")
    if not isinstance(channel, int | float) or not float(channel).is_integer():
        return
    for record in explanation.attention:
        if record.layer == layer and 0 <= channel < record.channels:
            st.session_state[state.LAYER] = record.layer
            st.session_state[state.CHANNEL] = int(channel)
