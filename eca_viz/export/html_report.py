"""One interactive HTML page of an explanation."""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from string import Template
from types import MappingProxyType
from typing import TYPE_CHECKING

import plotly.graph_objects as go

from eca_viz import figures
from eca_viz.analysis.attention import gate_range
from eca_viz.analysis.familiarity import familiarity_note, headline
from eca_viz.analysis.kernels import kernel_table
from eca_viz.analysis.reading import no_classes_note, reading_note, unread_note
from eca_viz.analysis.saliency import (
    SCORE_COLUMNS,
    nothing_to_score,
    saliency_limits,
    score_table,
)
from eca_viz.figures import theme
from eca_viz.figures.drawn import alt_of, caption_of
from eca_viz.images.encoding import data_url
from eca_viz.locale.texts import spoken, text, tr
from eca_viz.records import Explanation, LayerAttention, Scorecard

if TYPE_CHECKING:
    import pandas as pd

# What HTML calls a language where it is not the name in eca_viz.locale.texts.
_LANGUAGES = MappingProxyType({"zh": "zh-Hans"})
# The columns of the table of kernels.
_KERNEL_HEADS = MappingProxyType(
    {
        "layer": text("layer"),
        "stage": text("stage"),
        "mechanism": text("mechanism"),
        "channels": text("channels"),
        "width": text("width"),
        "kernel_size": text("kernel_size"),
        "reduction": text("reduction"),
        "by_channels": text("by_channels"),
        "by_width": text("by_width"),
        "agreement": text("agreement"),
        "taps": text("taps"),
    }
)
_PAGE = Template(
    """<!doctype html>
<html lang="$language">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>$title</title>
<style>
body { font: 16px/1.5 $font; color: #1b1f24; background: #fff;
       max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
figure { margin: 1.5rem 0; }
figcaption, .note { color: #57606a; }
table { border-collapse: collapse; display: block; overflow-x: auto; }
td, th { border-bottom: 1px solid #d0d7de; padding: .25rem .75rem; text-align: left; }
/* auto-fill: each map is drawn before the next one is known, and keeps the width it finds. */
.maps { display: grid; grid-template-columns: repeat(auto-fill, minmax(19rem, 1fr)); gap: 1rem; }
.maps figure { min-width: 0; margin: 0; }
</style>
</head>
<body>
<h1>$title</h1>
<p class="note">$network</p>
$body
<p class="note">$versions</p>
</body>
</html>
"""
)


def report(explanation: Explanation, plotly: str = "") -> str:
    """The page as text, which opens without the internet.

    `plotly` is the address of Plotly's library relative to the page; without one the library,
    of 4.8 MB, is inside it.
    """
    image, network = explanation.image, explanation.network
    versions = ", ".join(f"{name} {version}" for name, version in explanation.versions.items())
    return _PAGE.substitute(
        language=language(),
        font=theme.PAGE_FONT,
        title=html.escape(tr("Channel attention for {image}", image=image.name)),
        network=html.escape(
            " · ".join(
                (
                    tr(network.title),
                    tr("weights {digest}", digest=network.sha256[:12]),
                    tr("image {digest}", digest=image.sha256[:12]),
                    *(tr("gates changed: {change}", change=one) for one in explanation.gates),
                )
            )
        ),
        body="\n".join(_sections(explanation, plotly or True)),
        versions=html.escape(versions),
    )


def language() -> str:
    """The language that is spoken, as a page names it."""
    return _LANGUAGES.get(spoken(), spoken())


def _sections(explanation: Explanation, plotly: str | bool) -> Iterator[str]:
    attention = explanation.attention
    yield _heading(headline(explanation))
    if explanation.seen.size:
        seen = tr("The image as the network sees it")
        yield f'<img src="{data_url(explanation.seen)}" width="224" alt="{html.escape(seen)}">'
    if explanation.predictions:
        yield figure_html(figures.predictions(explanation.predictions), plotly=plotly)
        plotly = False
    if note := f"{familiarity_note(explanation)} {no_classes_note(explanation)}".strip():
        yield _note(note)
    if attention:
        yield _heading(tr("All attention layers"))
        yield figure_html(figures.overview(attention), plotly=plotly)
    else:
        yield _note(
            tr("This network has no attention layers that are read.")
            if explanation.unread
            else tr("This network has no attention layers.")
        )
    if note := unread_note(explanation):
        yield _note(note)
    if explanation.saliency:
        yield from _saliency(explanation)
    if attention:
        yield from _layers(attention)


def _layers(attention: Sequence[LayerAttention]) -> Iterator[str]:
    yield _heading(tr("Kernels"))
    kernels = any(record.kernel_size is not None for record in attention)
    if kernels:
        yield figure_html(figures.kernel_sizes(attention))
    table = kernel_table(attention).dropna(axis="columns", how="all")
    words = [tr(agreement) for agreement in table["agreement"]]
    yield _table(table.assign(agreement=words).rename(columns=_KERNEL_HEADS))
    if kernels:
        yield figure_html(figures.taps(attention))
    yield _heading(tr("Layer by layer"))
    span, caption = gate_range(attention), ""
    for record in attention:
        figure = figures.gates_over_channels(record, span)
        caption = caption_of(figure)
        yield _heading(record.layer, 3)
        yield figure_html(figure, caption="")
        if note := reading_note(record):
            yield _note(note)
    yield _note(caption)


def _saliency(explanation: Explanation) -> Iterator[str]:
    target = explanation.saliency[0].target
    yield _heading(tr("Saliency for {label}", label=tr(target.label)))
    yield '<div class="maps">'
    limits = saliency_limits(explanation.saliency, shared=False)
    for record, limit in zip(explanation.saliency, limits, strict=True):
        yield figure_html(figures.saliency_overlay(explanation.seen, record, limit=limit))
    yield "</div>"
    yield _note(tr(figures.OVERLAY_MAPS))
    if explanation.scorecard is not None:
        yield from _scorecard(explanation.scorecard)


def _scorecard(scorecard: Scorecard) -> Iterator[str]:
    yield _heading(tr("Scorecard"), 3)
    if scorecard.flat:
        yield _note(nothing_to_score(scorecard))
    if not scorecard.scores:
        return
    yield figure_html(figures.score_curves(scorecard, "insertion"), caption="")
    yield figure_html(figures.score_curves(scorecard, "deletion"))
    table = score_table(scorecard.scores).round(3)
    yield _table(table.assign(method=[tr(title) for title in table["method"]]))
    readings = (
        f"<dt>{tr(name)}</dt><dd>{tr(reading)}</dd>" for name, reading in SCORE_COLUMNS.items()
    )
    yield f'<dl class="note">{"".join(readings)}</dl>'


def _heading(words: str, level: int = 2) -> str:
    return f"<h{level}>{html.escape(words)}</h{level}>"


def _note(words: str) -> str:
    return f'<p class="note">{html.escape(words)}</p>'


def figure_html(
    figure: go.Figure, *, caption: str | None = None, plotly: str | bool = False
) -> str:
    """A figure with its caption as a part of a page.

    Args:
        figure: One of `eca_viz.figures`, with its caption and its text for screen readers.
        caption: Stands in place of the figure's own; with "" there is none.
        plotly: Whether Plotly's library is inside, or its address; a page needs it once.

    Returns:
        A figure element.
    """
    chart = figure.to_html(
        full_html=False,
        include_plotlyjs=plotly,
        config={"displaylogo": False, "responsive": True},
    )
    shown = caption_of(figure) if caption is None else caption
    below = f"<figcaption>{html.escape(shown)}</figcaption>" if shown else ""
    return f'<figure aria-label="{html.escape(alt_of(figure))}">{chart}{below}</figure>'


def _table(table: pd.DataFrame) -> str:
    heads = [tr(str(name)) for name in table.columns]
    made: str = table.set_axis(heads, axis="columns").to_html(index=False, na_rep="–", border=0)
    return made
