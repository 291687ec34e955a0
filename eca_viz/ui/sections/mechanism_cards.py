"""A card for each mechanism: formula, parameters, accuracies, matrix."""

from collections.abc import Mapping

import streamlit as st

from eca_viz import figures
from eca_viz.attention.variants import VARIANTS, Sizes, Variant
from eca_viz.figures.matrix import MATRIX
from eca_viz.kernel_size import adaptive_kernel_size
from eca_viz.records import Explanation, Floats, Summary
from eca_viz.ui import cache, state
from eca_viz.ui.components import widgets
from eca_viz.ui.sections.mechanism_gates import STAGES, stage_record

CHANNELS = (8, 16, 32, 64, 128, 256, 512, 1024, 2048)
DIVISORS = (2, 4, 8, 16, 32)
KERNELS = ("Eq. 12", "1", "3", "5", "7", "9")
COLUMNS = 3
UNTRAINED = "an untrained layer"
ACCURACY = (
    "Accuracy: top-1 in per cent. The paper's figures are those of ResNet-50 on ImageNet "
    "(1000 classes, its Tables 2 and 3), one training each. Ours are those of a small ResNet "
    "on Imagenette (10 classes), mean ± standard deviation between seeds; the two columns can "
    "only be compared in their order. Ours were trained with r = 16, G = 16, and k by Eq. 12 "
    "for ECA-NS and ECA and 3 for the fixed k, independent of the choices above."
)


def draw(ours: Mapping[str, Summary], explanations: Mapping[str, Explanation]) -> None:
    """A card for each mechanism.

    Args:
        ours: measured accuracies by mechanism.
        explanations: of the image, by mechanism, from the shipped networks.
    """
    st.subheader("Eleven mechanisms")
    channels, sizes, source = _sizes()
    if source != UNTRAINED:
        records = (stage_record(one, source) for one in explanations.values())
        channels = next((record.channels for record in records if record), channels)
    where = source if source == UNTRAINED else f"the trained {source}"
    st.markdown(f"Parameters and matrices of {where} with **C = {channels:,}**:")
    for start in range(0, len(VARIANTS), COLUMNS):
        row = VARIANTS[start : start + COLUMNS]
        for column, variant in zip(st.columns(COLUMNS), row, strict=False):
            with column, st.container(border=True):
                _card(variant, channels, sizes, ours.get(variant.name))
                _matrix(variant, channels, sizes, source, explanations.get(variant.name))
    st.caption(MATRIX)
    st.caption(ACCURACY)


def _sizes() -> tuple[int, Sizes, str]:
    """Channels and sizes of the layers that are drawn, and whose matrices: a stage's, or none's."""
    places = st.columns(5)
    with places[0]:
        channels = st.select_slider(
            "Channels C", CHANNELS, 256, key=state.CHANNELS, bind="query-params"
        )
    with places[1]:
        reduction = st.select_slider(
            "Reduction r (SE)", DIVISORS, 16, key=state.REDUCTION, bind="query-params"
        )
    with places[2]:
        groups = st.select_slider(
            "Groups G (SE-GC1)", DIVISORS, 16, key=state.GROUPS, bind="query-params"
        )
    with places[3]:
        k = st.select_slider("k (ECA-NS, fixed k)", KERNELS, key=state.KERNEL, bind="query-params")
    with places[4]:
        source = st.selectbox(
            "Matrices of",
            [UNTRAINED, *STAGES],
            key=state.MATRICES,
            bind="query-params",
            format_func=lambda name: name if name == UNTRAINED else f"the trained {name}",
            help="Untrained: the structure that C, r, G and k give, with random entries. Trained: "
            "the weights of the shipped networks, at their own C, r, G and k; SE's matrix depends "
            "on the image through its ReLU.",
        )
    if source != UNTRAINED:
        return channels, Sizes(), source
    return channels, Sizes(reduction, groups, None if k == KERNELS[0] else int(k)), source


def _card(variant: Variant, channels: int, sizes: Sizes, ours: Summary | None) -> None:
    st.markdown(f"**{variant.title}**", help=variant.few or None)
    st.latex(variant.formula)
    count = variant.parameters(channels, sizes)
    if variant.name == "eca":
        kernel = rf"$k = {adaptive_kernel_size(channels)}$"
    else:
        kernel = rf"${variant.count}$"
    st.markdown(
        f"**{count:,}** parameters ({kernel})  \n"
        f"Paper **{_paper(variant)}** · ours **{_ours(ours)}**"
    )


def _paper(variant: Variant) -> str:
    return f"{variant.paper.top1:.2f}" if variant.paper else "–"


def _ours(summary: Summary | None) -> str:
    if summary is None:
        return "not measured"
    spread = "" if summary.spread is None else f" ± {100 * summary.spread:.2f}"
    runs = "1 seed" if summary.runs == 1 else f"{summary.runs} seeds"
    return f"{100 * summary.top1:.2f}{spread} ({runs})"


def _matrix(
    variant: Variant,
    channels: int,
    sizes: Sizes,
    source: str,
    explanation: Explanation | None,
) -> None:
    values = (
        cache.matrix(variant, channels, sizes)
        if source == UNTRAINED
        else _learned(source, explanation)
    )
    if values is None:
        st.caption(
            "No trained network of this mechanism is shipped."
            if explanation is None
            else "No attention, so there is no W to learn."
        )
        return
    widgets.chart(
        figures.matrix(values, f"{variant.title}: {variant.matrix}"),
        key=f"matrix-{variant.name}",
        caption="",
    )


def _learned(stage: str, explanation: Explanation | None) -> Floats | None:
    record = None if explanation is None else stage_record(explanation, stage)
    if explanation is None or record is None:
        return None
    return cache.response(explanation, record.layer).matrix
