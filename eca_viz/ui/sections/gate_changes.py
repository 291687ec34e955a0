"""The changes of the gates: one at hand, and those that are kept."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from eca_viz.analysis.attention import by_stage
from eca_viz.gates.change import GateChange
from eca_viz.gates.kinds import KINDS, Kind, find_kind
from eca_viz.locale.texts import text, tr
from eca_viz.records import Explanation, LayerAttention
from eca_viz.records.base import EVERYWHERE
from eca_viz.settings import Param
from eca_viz.ui import cache, state
from eca_viz.ui.components import layer_picker, settings

ONE_CHANNEL, TAPS = "channel", "taps"
OF_ONE_LAYER = (ONE_CHANNEL, TAPS)
ONE_LAYER = text("one layer")
MOST_K = 15  # of sliders; the field for changes that come first takes more taps
TITLES = {kind.name: kind.title for kind in KINDS}


def pick(explanation: Explanation) -> tuple[tuple[str, ...], LayerAttention | None]:
    """The changes that were kept and the one at hand, in their text form; their layer, if any."""
    at_hand, first = st.container(), st.container()
    kept, keep = _kept(first)
    with at_hand:
        change, record = _at_hand(explanation)
    with keep:
        st.button(tr("Keep this one"), on_click=_keep, args=(change,), key="keep", width="stretch")
    return (*kept, change), record


def _at_hand(explanation: Explanation) -> tuple[str, LayerAttention | None]:
    """The change that the pickers make, and its layer, where it is one of a single layer."""
    what, where, layer, channel = st.columns([3, 2, 2, 2])
    with what:
        name = st.selectbox(
            tr("What if the gates were …"),
            list(TITLES),
            format_func=lambda name: tr(TITLES[name]),
            key=state.CHANGE_KIND,
            bind="query-params",
        )
        kind = find_kind(name)
    with where:
        place = _place(explanation, name in OF_ONE_LAYER)
    given: dict[str, float] = {}
    record = None
    if place == ONE_LAYER:
        with layer:
            record = layer_picker.layer(explanation)
        place = record.layer
    for param in kind.params:
        if record is not None and name == ONE_CHANNEL and param.name == "index":
            with channel:
                given[param.name] = layer_picker.channel(record)
        else:
            given[param.name] = settings.number(kind.name, param)
    if record is not None and kind.many is not None:
        given = _taps(record, kind.many, channel)
    st.caption(_reading(kind))
    return str(GateChange(name, place, given)), record


def _taps(record: LayerAttention, declared: Param, place: DeltaGenerator) -> dict[str, float]:
    """Sliders for the taps of a layer, which begin as they were trained; that of k at a place."""
    trained = [] if record.taps is None else [round(float(tap), 3) for tap in record.taps]
    k = place.select_slider(
        "k",
        range(1, MOST_K + 1, 2),
        value=min(len(trained), MOST_K) or 1,
        key=state.setting_key(TAPS, f"k.{record.layer}"),
        bind="query-params",
    )
    end = 2 * max([1.0, *map(abs, trained)])
    row = st.container(horizontal=True)
    before = (k - len(trained)) // 2  # the trained ones stay in the middle
    return {
        str(tap): row.slider(
            tr("tap {place}", place=_signed(tap - k // 2)),
            -end,
            end,
            trained[tap - before] if 0 <= tap - before < len(trained) else 0.0,
            declared.step,
            key=state.setting_key(TAPS, f"{tap}.{k}.{record.layer}"),
            bind="query-params",
            width=165,
        )
        for tap in range(k)
    }


def _signed(place: int) -> str:
    return f"{place:+d}".replace("-", "−") if place else "0"


def _place(explanation: Explanation, of_one_layer: bool) -> str:
    """Where the change goes; of a channel and of taps one layer, so that there is no choice."""
    stages = by_stage(explanation.attention)
    places = [ONE_LAYER] if of_one_layer else [EVERYWHERE, *stages, ONE_LAYER]
    place: str = st.selectbox(
        tr("Where"),
        places,
        format_func=lambda place: tr("all layers") if place == EVERYWHERE else tr(place),
        key=None if of_one_layer else state.CHANGE_WHERE,
        bind=None if of_one_layer else "query-params",
        disabled=of_one_layer,
    )
    return place


def _reading(kind: Kind) -> str:
    if not kind.needs_reference:
        return tr(kind.reading)
    mean = cache.mean_gates(state.choice().network)
    source = tr(
        "The reference set: {source} ({images:,} images).",
        source=tr(mean.source),
        images=mean.images,
    )
    return f"{tr(kind.reading)} {source}"


def _kept(place: DeltaGenerator) -> tuple[list[str], DeltaGenerator]:
    """Changes that stay while another one is tried, and where the button goes that adds one."""
    left, right = place.columns([4, 1], vertical_alignment="bottom")
    with left:
        kept = st.multiselect(
            tr("Changes that come first"),
            st.session_state.get(state.KEPT_CHANGES) or [],
            key=state.KEPT_CHANGES,
            bind="query-params",
            accept_new_options=True,
            placeholder=tr(
                "none; keep the one above to add another, or type one: layer4:shuffle=3"
            ),
        )
    return kept, right


def _keep(change: str) -> None:
    kept = st.session_state.get(state.KEPT_CHANGES) or []
    st.session_state[state.KEPT_CHANGES] = [*kept, change]
