"""Mechanisms: the road from SE to ECA, counted, measured, and on the photograph at hand."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from eca_viz import figures
from eca_viz.analysis.ablation import finding, read_rows, summarise
from eca_viz.attention.variants import VARIANTS, Sizes, Variant
from eca_viz.errors import EcaVizError
from eca_viz.figures import captions
from eca_viz.kernel_size import adaptive_kernel_size
from eca_viz.paths import ABLATION, ASSETS
from eca_viz.records import Explanation, Floats, Row, Summary
from eca_viz.ui import cache, state
from eca_viz.ui.components import widgets

CHANNELS = (8, 16, 32, 64, 128, 256, 512, 1024, 2048)
DIVISORS = (2, 4, 8, 16, 32)
KERNELS = ("Eq. 12", "1", "3", "5", "7", "9")
COLUMNS = 3
UNTRAINED = "an untrained layer"
STAGES = ("layer1", "layer2", "layer3", "layer4")
GROUPINGS = ("se_gc1", "se_gc2", "se_gc3")
TITLES = {variant.name: variant.title for variant in VARIANTS}


def render() -> None:
    """Draws the page."""
    st.markdown(
        "Each mechanism makes the gates **ω = σ(W y)** from the channels' averages **y**; they "
        "differ in the shape of the C × C matrix **W**, that is in which channels a gate hears. "
        "SE squeezes W through a bottleneck of C/r values; SE-Var2 without a bottleneck and "
        "without any interaction already beat it in the paper; a full W (SE-Var3) did better at "
        "C² parameters; groups that never talk (SE-GC) gained nothing; a band (ECA-NS) did; and "
        "ECA shares the band's taps, so that **k parameters** do the work of C²."
    )
    try:
        rows = read_rows(ASSETS / ABLATION)
        explanations = cache.variants(state.choice().image)
    except EcaVizError as error:
        st.error(widgets.plain(str(error)))
        st.stop()
    _cards({one.mechanism: one for one in summarise(rows)}, explanations)
    _measured(rows)
    if explanations:
        _predictions(explanations)
        _gates(explanations)
        widgets.downloads_of_several(explanations)


def _cards(ours: Mapping[str, Summary], explanations: Mapping[str, Explanation]) -> None:
    st.subheader("Eleven mechanisms")
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
            help="Untrained: the shape that C, r, G and k give, with random entries. Trained: what "
            "the shipped networks learned, at their own C, r, G and k; SE's depends on the "
            "photograph through its ReLU.",
        )
    sizes = Sizes(reduction, groups, None if k == KERNELS[0] else int(k))
    if source != UNTRAINED:
        sizes = Sizes()
        channels = next(
            (
                record.channels
                for one in explanations.values()
                for record in one.attention
                if record.stage == source
            ),
            channels,
        )
    where = source if source == UNTRAINED else f"the trained {source}"
    st.markdown(f"Parameters and matrices of {where} with **C = {channels:,}**:")
    for start in range(0, len(VARIANTS), COLUMNS):
        row = VARIANTS[start : start + COLUMNS]
        for column, variant in zip(st.columns(COLUMNS), row, strict=False):
            with column, st.container(border=True):
                _card(variant, channels, sizes, ours.get(variant.name))
                _matrix(variant, channels, sizes, source, explanations.get(variant.name))
    st.caption(captions.MATRICES)
    st.caption(
        "Accuracy: top-1 in per cent. The paper's figures are those of ResNet-50 on ImageNet "
        "(1000 classes, its Tables 2 and 3), one training each. Ours are those of a small ResNet "
        "on Imagenette (10 classes), mean ± standard deviation between seeds; the two columns can "
        "only be compared in their order. Ours were trained with r = 16, G = 16, and k by Eq. 12 "
        "for ECA-NS and ECA and 3 for the fixed k, whatever is chosen above."
    )


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
        figures.matrix(values),
        key=f"matrix-{variant.name}",
        alt=f"The {len(values)} × {len(values)} matrix of {variant.title}: {variant.matrix}",
    )


def _learned(stage: str, explanation: Explanation | None) -> Floats | None:
    if explanation is None:
        return None
    record = next((one for one in explanation.attention if one.stage == stage), None)
    return None if record is None else cache.response(explanation, record.layer).matrix


def _measured(rows: list[Row]) -> None:
    st.subheader("Trained alike and measured")
    if not rows:
        st.info("No run is recorded yet: python -m eca_viz ablate --data DIR makes them.")
        return
    summaries = summarise([row for row in rows if row.mechanism in TITLES])
    widgets.chart(
        figures.accuracies(rows, TITLES),
        captions.ACCURACIES,
        key="accuracies",
        alt="Top-1 of every run, a row for each mechanism",
    )
    st.markdown(finding(summaries))
    widgets.table(_table(summaries), "The runs summed up")


def _table(summaries: tuple[Summary, ...]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "mechanism": TITLES[one.mechanism],
            "seeds": one.runs,
            "top-1": round(one.top1, 4),
            "spread": one.spread,
            "top-5": round(one.top5, 4),
            "less ECA, same seeds": one.difference,
            "p (paired t-test)": one.p_value,
            "parameters": one.parameters,
            "in attention": one.attention_parameters,
            "seconds a run": round(one.seconds),
        }
        for one in summaries
    )


def _predictions(explanations: Mapping[str, Explanation]) -> None:
    st.subheader("Your photograph through all of them")
    seen, votes = st.columns([1, 3])
    one = next(iter(explanations.values()))
    with seen:
        st.image(one.seen, width=220, alt=one.image.name)
        st.caption(f"{state.choice().credit}. Each network sees {one.seen.shape[0]} pixels a side.")
    with votes:
        titles = [TITLES[name] for name in explanations]
        widgets.chart(
            figures.votes(titles, list(explanations.values())),
            captions.VOTES,
            key="votes",
            alt="Probability of each class, a row for each mechanism",
        )


@st.fragment
def _gates(explanations: Mapping[str, Explanation]) -> None:
    """Reruns alone when another stage is picked."""
    st.subheader("Their gates at one stage")
    stage = st.selectbox("Stage", STAGES, index=2, key=state.STAGE, bind="query-params")
    found = {
        name: record
        for name, one in explanations.items()
        for record in one.attention
        if record.stage == stage
    }
    titles, records = [TITLES[name] for name in found], list(found.values())
    widgets.chart(
        figures.gates(titles, records),
        captions.GATES,
        key="gates",
        alt=f"Gates of every mechanism at {stage}",
    )
    widgets.chart(
        figures.similarity(titles, records),
        captions.SIMILARITY,
        key="similarity",
        alt=f"Correlation of the mechanisms' gates at {stage}",
    )
    table = pd.DataFrame({name: record.weights[0] for name, record in found.items()})
    widgets.table(table.rename_axis("channel").reset_index(), "The gates as a table")
    _responses({name: explanations[name] for name in found}, stage)


def _responses(explanations: Mapping[str, Explanation], stage: str) -> None:
    """What one channel's change does to all gates under SE, SE-GC and ECA."""
    st.subheader("What one channel's change does to all gates")
    st.markdown(
        r"Row i, column j is $\partial\omega_i / \partial y_j$ at this photograph: how gate i "
        "moves when channel j grows a little."
    )
    grouping = st.segmented_control(
        "Groups",
        GROUPINGS,
        default="se_gc2",
        required=True,
        format_func=TITLES.__getitem__,
        key=state.GROUPING,
        bind="query-params",
    )
    shown = [name for name in ("se", grouping, "eca") if name in explanations]
    found = {
        name: cache.response(
            explanations[name],
            next(one.layer for one in explanations[name].attention if one.stage == stage),
        )
        for name in shown
    }
    limit = max((float(abs(one.jacobian).max()) for one in found.values()), default=1.0)
    for column, (name, one) in zip(st.columns(len(found) or 1), found.items(), strict=False):
        with column:
            channels = len(one.jacobian)
            st.markdown(f"**{TITLES[name]}**: rank {one.rank} of {channels}")
            widgets.chart(
                figures.matrix(one.jacobian, limit=limit, height=320),
                key=f"jacobian-{name}",
                alt=f"Jacobian of {TITLES[name]}'s gates at {stage}",
            )
    st.caption(captions.JACOBIANS)
    if "se" in found and found["se"].squeezed is not None:
        widgets.chart(
            figures.bottleneck(found["se"].squeezed, len(found["se"].jacobian)),
            captions.BOTTLENECK,
            key="bottleneck",
            alt=f"SE's bottleneck at {stage}",
        )


render()
