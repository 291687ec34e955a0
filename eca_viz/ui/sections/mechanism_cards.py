"""A card for each mechanism: formula, parameters, accuracies, matrix, and what it taught."""

from collections.abc import Mapping
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from eca_viz import figures
from eca_viz.analysis.ablation import accuracy
from eca_viz.attention.variants import Sizes, Variant
from eca_viz.errors import EcaVizError
from eca_viz.figures.matrix import MATRIX
from eca_viz.locale.texts import text, tr
from eca_viz.records import Explanation, Floats, Summary
from eca_viz.ui import cache, state
from eca_viz.ui.components import widgets
from eca_viz.ui.fragments import fragment
from eca_viz.ui.sections import mechanism_story
from eca_viz.ui.sections.mechanism_gates import STAGES, stage_record

CHANNELS = (8, 16, 32, 64, 128, 256, 512, 1024, 2048)
# Few enough channels to see each entry, and more than one group and one value of a bottleneck.
FEW, DIVISOR = 16, 4
DIVISORS = (2, 4, 8, 16, 32)
KERNELS = (text("Eq. 12"), "1", "3", "5", "7", "9")
ROWS, COLUMNS = 4, 3
# Of a matrix, in pixels, on a page and on a projector.
SIDE, PRESENTED = 72, 340
UNTRAINED = text("an untrained layer")
TRAINED = {
    "layer1": text("the trained layer1"),
    "layer2": text("the trained layer2"),
    "layer3": text("the trained layer3"),
    "layer4": text("the trained layer4"),
}
PATTERNS = {
    # Translators: which entries of the square matrix W are not zero.
    "none": text("none"),
    "diagonal": text("diagonal"),
    "full": text("full"),
    "low rank": text("low rank"),
    "blocks": text("blocks"),
    "band": text("band"),
}
ACCURACY = text(
    "Accuracy: top-1 in per cent. The paper's figures are those of ResNet-50 on ImageNet "
    "(1000 classes, its Tables 2 and 3), one training each; the sentences are about them. Ours "
    "are means of a small ResNet on Imagenette (10 classes); the two can only be compared in "
    "their order. Ours were trained with r = 16, G = 16, and k by Eq. 12 for ECA-NS and ECA and "
    "3 for the fixed k, independent of the sizes above."
)
_CSS = Path(__file__).with_suffix(".css")


@fragment
def draw(ours: Mapping[str, Summary]) -> None:
    """A card for each mechanism; reruns alone when a size is changed.

    `ours` are the measured accuracies by mechanism.
    """
    if not state.presenting():
        st.html(_CSS)
    with st.container(key="mechanisms"):
        cells = [cell for _ in range(ROWS) for cell in st.columns(COLUMNS)]
        with cells[0], _card("sizes"):
            said = st.empty()
            channels, sizes, source = _sizes()
            trained = _trained(source)
            records = (stage_record(one, source) for one in trained.values())
            channels = next((record.channels for record in records if record), channels)
            said.caption(
                tr(
                    "**W** of {layer}, **C = {channels:,}**",
                    layer=_title(source),
                    channels=channels,
                )
            )
        for cell, variant in zip(cells[1:], mechanism_story.VARIANTS, strict=True):
            with cell, _card(variant.name):
                values = (
                    cache.matrix(variant, channels, mechanism_story.used(variant, sizes))
                    if source == UNTRAINED
                    else _learned(source, trained.get(variant.name))
                )
                numbers = _numbers(variant, channels, sizes, ours.get(variant.name))
                _draw_card(variant, values, numbers, ours.get(variant.name))
    st.caption(f"{tr(MATRIX)} {tr(ACCURACY)}")


def _card(name: str) -> DeltaGenerator:
    return st.container(border=True, height="stretch", key=f"mechanism-{name}")


def _sizes() -> tuple[int, Sizes, str]:
    """Channels and sizes of the layers that are drawn, and whose matrices: a stage's, or none's."""
    place = st.container()
    with st.popover(tr("r, G, k, trained W"), width="stretch"):
        reduction = st.select_slider(
            tr("Reduction r (SE)"), DIVISORS, DIVISOR, key=state.REDUCTION, bind="query-params"
        )
        groups = st.select_slider(
            tr("Groups G (SE-GC1)"), DIVISORS, DIVISOR, key=state.GROUPS, bind="query-params"
        )
        k = st.select_slider(
            tr("k (ECA-NS, fixed k)"),
            KERNELS,
            format_func=tr,
            key=state.KERNEL,
            bind="query-params",
        )
        source = st.selectbox(
            tr("Matrices of"),
            [UNTRAINED, *STAGES],
            key=state.MATRICES,
            bind="query-params",
            format_func=_title,
            help=tr(
                "Untrained: the structure that C, r, G and k give, with random entries. Trained: "
                "the weights of the shipped networks, at their own C, r, G and k; SE's matrix "
                "depends on the image through its ReLU."
            ),
        )
    with place:
        channels = st.select_slider(
            tr("Channels C"),
            CHANNELS,
            FEW,
            key=state.CHANNELS,
            bind="query-params",
            disabled=source != UNTRAINED,
        )
    if source == UNTRAINED:
        return channels, Sizes(reduction, groups, None if k == KERNELS[0] else int(k)), source
    return channels, Sizes(), source


def _title(source: str) -> str:
    return tr(TRAINED.get(source, source))


def _draw_card(
    variant: Variant, values: Floats | None, numbers: str, summary: Summary | None
) -> None:
    """One card.

    Args:
        variant: the mechanism.
        values: its matrix; None where there is none to learn.
        numbers: beside the matrix, as Markdown.
        summary: our accuracies; None where there is no run.
    """
    ours = tr(accuracy(summary))
    words = (
        tr(
            "Top-1 in per cent: the paper {paper:.2f}, ours {ours}.",
            paper=variant.paper.top1,
            ours=ours,
        )
        if variant.paper
        else tr("Top-1 in per cent: the paper not in its tables, ours {ours}.", ours=ours)
    )
    title = tr(variant.title)
    st.markdown(f"**{title}**  ${variant.formula}$", help=f"{words} {tr(variant.few)}")
    matrix, beside = st.columns([SIDE, 2 * SIDE])
    with matrix:
        if values is None:
            st.caption(tr("no W to learn"))
        else:
            name = f"{title}: {tr(PATTERNS[variant.matrix])}"
            side = PRESENTED if state.presenting() else SIDE
            figure = figures.matrix(values, name, side=side)
            widgets.chart(figure, key=f"matrix-{variant.name}", caption="")
    beside.caption(numbers)
    st.caption(tr(mechanism_story.STEPS[variant.name]))


def _numbers(variant: Variant, channels: int, sizes: Sizes, summary: Summary | None) -> str:
    """Parameters and accuracies in three lines of Markdown."""
    paper = f"{variant.paper.top1:.2f}" if variant.paper else "–"
    ours = "–" if summary is None else f"{100 * summary.top1:.2f}"
    parameters = variant.parameters(channels, sizes)
    lines = (
        tr("**{parameters:,}** parameters", parameters=parameters),
        mechanism_story.count(variant, channels, sizes),
        tr("Paper **{paper}**, ours **{ours}**", paper=paper, ours=ours),
    )
    return "  \n".join(lines)


def _trained(source: str) -> dict[str, Explanation]:
    """The image through the shipped networks, where the matrices are theirs."""
    if source == UNTRAINED:
        return {}
    try:
        return cache.variants(state.choice().image)
    except EcaVizError as error:
        st.error(widgets.plain(tr(error)))
        return {}


def _learned(stage: str, explanation: Explanation | None) -> Floats | None:
    record = None if explanation is None else stage_record(explanation, stage)
    if explanation is None or record is None:
        return None
    return cache.response(explanation, record.layer).matrix
