"""Classes: gates over many images, per class; saturation; what attention is worth in accuracy."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from eca_viz import figures
from eca_viz.analysis.need import accuracy_table, finding
from eca_viz.analysis.statistics import (
    MOSTLY,
    depth_sentence,
    layer_sentence,
    layers_table,
    most_different,
)
from eca_viz.locale.texts import text, tr
from eca_viz.records import NEAR, FolderAccuracy, FolderStatistics, LayerStatistics
from eca_viz.records.need import NEED, PRUNING
from eca_viz.ui import state
from eca_viz.ui.components import address, class_picker, frames, layer_picker, tabs, widgets
from eca_viz.ui.sections import accuracy_source, statistics_source

FIRST_CLASSES = 4
WORTH = text("Worth in accuracy")


def render() -> None:
    """Draws the page."""
    found = statistics_source.pick()
    st.markdown(widgets.plain(tr(depth_sentence(found))))
    layer = _charts(found)
    parts: dict[str, Callable[[], None]] = {
        text("Mean gates of classes"): partial(_gates, layer),
        text("Classes and channels"): partial(_heat_map, layer),
        text("Saturation"): partial(_saturation, found),
        WORTH: partial(_accuracy, found),
        text("Table"): partial(_table, found),
    }
    if found.network.output != "classes":
        del parts[WORTH]
    tabs.draw(parts, key=state.CLASSES_TAB)


def _charts(found: FolderStatistics) -> LayerStatistics:
    """All layers, and the picker of one."""
    charts = {"saturation": figures.saturation_of_layers(found.layers)}
    if found.classes:
        charts = {"variance": figures.variance_between_classes(found.layers), **charts}
    for place, (key, figure) in zip(st.columns(2), charts.items(), strict=False):
        with place:
            widgets.chart(figure, key=key)
    return _layer(found)


def _layer(found: FolderStatistics) -> LayerStatistics:
    """The picker of a layer; the one in which classes differ most if none was picked."""
    names = [layer.layer for layer in found.layers]
    address.check(state.LAYER, text("layer"), names)
    if st.session_state.get(state.LAYER) not in names:
        st.session_state.pop(state.LAYER, None)
    first = names.index(most_different(found).layer)
    place, link = st.columns([2, 1], vertical_alignment="bottom")
    name = place.selectbox(tr("Layer"), names, index=first, key=state.LAYER, bind="query-params")
    if found.network.sha256 == state.choice().network.sha256:
        with link:
            layer_picker.link_to_channel()
    return found.layer(name)


def _gates(layer: LayerStatistics) -> None:
    names = list(layer.classes)
    shown = class_picker.several(tr("Classes"), names, key=state.SHOWN_CLASSES, first=FIRST_CLASSES)
    widgets.chart(figures.class_gates(layer, shown), key="class_gates")


def _heat_map(layer: LayerStatistics) -> None:
    if len(layer.classes) < 2:
        st.info(tr("There are fewer than two classes, so that there is nothing to compare."))
        return
    widgets.chart(figures.class_heat_map(layer), key="class_heat_map")


def _saturation(found: FolderStatistics) -> None:
    st.header(tr("Is a layer saturated?"))
    st.caption(
        tr(
            "Near means within {near:g}; a layer is called close to a constant where {mostly:.0%} "
            "of its gates are near one value. Directions are the effective rank of its gates over "
            "the images.",
            near=NEAR,
            mostly=MOSTLY,
        )
    )
    st.markdown("\n".join(f"- {widgets.plain(tr(layer_sentence(one)))}" for one in found.layers))


def _accuracy(found: FolderStatistics) -> None:
    place = st.container()
    known = accuracy_source.pick(found.network)
    with place:
        _worth(known.get(NEED), known.get(PRUNING))


def _worth(need: FolderAccuracy | None, pruned: FolderAccuracy | None) -> None:
    if need is not None:
        accuracy_source.describe(need)
        st.markdown(widgets.plain(tr(finding(need))))
        widgets.chart(figures.attention_need(need), key="need")
        widgets.table(accuracy_table(need), tr("Every condition"))
    if pruned is not None:
        accuracy_source.describe(pruned)
        widgets.chart(figures.pruning(pruned), key="pruning")
        widgets.table(accuracy_table(pruned), tr("Every share and order"))
    if need is None and pruned is None:
        st.info(
            tr(
                "This is not measured for this network; measure it over labelled images with: "
                "python -m eca_viz need DIR --network NAME --out FILE"
            )
        )


def _table(found: FolderStatistics) -> None:
    table = layers_table(found)
    frames.draw(table)
    st.download_button(
        "CSV",
        data=lambda: table.to_csv(index=False),
        file_name="layers.csv",
        mime="text/csv",
        on_click="ignore",
    )


render()
