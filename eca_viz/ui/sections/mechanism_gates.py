"""The gates of every mechanism at one stage, and how they depend on the descriptor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import streamlit as st

from eca_viz import figures
from eca_viz.analysis.attention import by_stage
from eca_viz.figures.matrix import JACOBIAN
from eca_viz.locale.texts import tr
from eca_viz.records import Explanation, LayerAttention
from eca_viz.ui import cache, state
from eca_viz.ui.components import widgets
from eca_viz.ui.sections.mechanism_story import TITLES

if TYPE_CHECKING:
    pass

STAGES = ("layer1", "layer2", "layer3", "layer4")
GROUPINGS = ("se_gc1", "se_gc2", "se_gc3")


def stage_record(explanation: Explanation, stage: str) -> LayerAttention | None:
    """The attention layer of a stage; the shipped networks have one a stage, or none."""
    return next(iter(by_stage(explanation.attention).get(stage, ())), None)


def draw_gates(explanations: Mapping[str, Explanation]) -> None:
    """Gates of every mechanism at a stage."""
    import pandas as pd  # slow to import

    found = _picked(tr("Their gates at one stage"), explanations)
    widgets.chart(figures.mechanism_gates(*_titled(found)), key="gates")
    table = pd.DataFrame({TITLES[name]: record.weights[0] for name, record in found.items()})
    widgets.table(table.rename_axis("channel").reset_index(), tr("The gates as a table"))


def draw_similarity(explanations: Mapping[str, Explanation]) -> None:
    """Correlations of every two mechanisms' gates at a stage."""
    found = _picked(tr("How alike their gates are"), explanations)
    widgets.chart(figures.mechanism_similarity(*_titled(found)), key="similarity")


def _titled(found: Mapping[str, LayerAttention]) -> tuple[list[str], list[LayerAttention]]:
    return [tr(TITLES[name]) for name in found], list(found.values())


def _picked(title: str, explanations: Mapping[str, Explanation]) -> dict[str, LayerAttention]:
    """A heading beside the picker of a stage; its layers by the mechanism's name, where it has."""
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    left.header(title)
    with right:
        stage = st.selectbox(tr("Stage"), STAGES, index=2, key=state.STAGE, bind="query-params")
    records = {name: stage_record(one, stage) for name, one in explanations.items()}
    return {name: record for name, record in records.items() if record}


def draw_responses(explanations: Mapping[str, Explanation]) -> None:
    """Jacobians of the gates by the descriptor under SE, SE-GC and ECA."""
    records = _picked(tr("Effect of one channel on all gates"), explanations)
    st.markdown(
        tr(
            r"Row i, column j is $\partial\omega_i / \partial y_j$ at this image: the change of "
            "gate i for a small change of channel j's descriptor."
        )
    )
    grouping = st.segmented_control(
        tr("Groups"),
        GROUPINGS,
        default="se_gc2",
        required=True,
        format_func=lambda name: tr(TITLES[name]),
        key=state.GROUPING,
        bind="query-params",
    )
    found = {
        name: cache.response(explanations[name], records[name].layer)
        for name in ("se", grouping, "eca")
        if name in records
    }
    stage = next(iter(records.values())).stage if records else ""
    limit = max((float(abs(one.jacobian).max()) for one in found.values()), default=1.0)
    for column, (name, one) in zip(st.columns(len(found) or 1), found.items(), strict=False):
        with column:
            channels = len(one.jacobian)
            mechanism = tr(TITLES[name])
            st.markdown(
                tr(
                    "**{mechanism}**: rank {rank} of {channels}",
                    mechanism=mechanism,
                    rank=one.rank,
                    channels=channels,
                )
            )
            title = tr("{mechanism}'s gates at {stage}", mechanism=mechanism, stage=stage)
            widgets.chart(
                figures.jacobian(one.jacobian, title, limit=limit),
                key=f"jacobian-{name}",
                caption="",
            )
    st.caption(tr(JACOBIAN))
    if "se" in found and found["se"].squeezed is not None:
        widgets.chart(
            figures.bottleneck(found["se"].squeezed, len(found["se"].jacobian)),
            key="bottleneck",
            alt=tr("SE's bottleneck at {stage}", stage=stage),
        )
