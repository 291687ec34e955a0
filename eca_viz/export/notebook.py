"""Static HTML that records show of themselves in a notebook: inline, for light and dark pages."""

import html
import re
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from plotly.colors import sample_colorscale

from eca_viz.analysis.attention import gate_range, known, strongest_and_weakest
from eca_viz.analysis.familiarity import familiarity_note, headline
from eca_viz.analysis.reading import no_classes_note, reading_note, unread_note
from eca_viz.analysis.saliency import describe, saliency_limits
from eca_viz.figures import theme
from eca_viz.images.encoding import indexed_url, jpeg_url
from eca_viz.locale.texts import tr
from eca_viz.records import Explanation, LayerAttention, Pixels, Prediction, SaliencyMap

SIDE = 224
_STEPS = np.linspace(0, 1, 255)
_NO_NUMBER = 255  # the colour of gates that are no number
# A record of a large batch shows its first images, many channels side by side their mean.
_ROWS, _TABLE_ROWS, _COLUMNS = 64, 8, 2048
_PIXELS = 200_000  # in all rows of a table
_BOX = f"font:14px/1.4 {theme.PAGE_FONT};color:inherit;max-width:60rem"
_CELL = "padding:1px 8px;border:0;text-align:left;white-space:nowrap;background:none"
# Notebooks set tables apart from the text around them; these look alike everywhere.
_TABLE = "border-collapse:collapse;table-layout:auto;color:inherit;font:inherit;margin:4px 0"
_NOTE = "opacity:.7;font-size:13px;margin:.3rem 0"


def explanation_html(explanation: Explanation) -> str:
    """Picture, predictions, maps, and the gates and numbers of every layer.

    Args:
        explanation: What to show.

    Returns:
        A div that needs neither scripts nor the internet.
    """
    return _box(_explanation(explanation))


def attention_html(attention: Sequence[LayerAttention]) -> str:
    """A row for each layer with its gates as colours, all on one scale.

    Args:
        attention: Layers of one pass.

    Returns:
        As explanation_html.
    """
    return _box(_layers(attention))


def layer_html(record: LayerAttention) -> str:
    """The gates of one layer, a line of colours for each image, and its strongest channels.

    Args:
        record: The layer.

    Returns:
        As explanation_html.
    """
    return _box(_layer(record))


def _box(parts: Iterator[str]) -> str:
    return f'<div style="{_BOX}">{"".join(parts)}</div>'


def _explanation(explanation: Explanation) -> Iterator[str]:
    image, network = explanation.image, explanation.network
    yield f'<div style="font-size:18px;font-weight:600">{html.escape(headline(explanation))}</div>'
    changes = (tr("gates changed: {change}", change=change) for change in explanation.gates)
    yield _note(" · ".join((image.name, tr(network.title), *changes)))
    yield '<div style="display:flex;flex-wrap:wrap;gap:12px;align-items:flex-start">'
    if explanation.seen.size:
        yield _picture(explanation.seen, tr("The image as the network sees it"))
    limits = saliency_limits(explanation.saliency, shared=False)
    for one, limit in zip(explanation.saliency, limits, strict=True):
        label = tr("{title} for {label}", title=tr(one.title), label=tr(one.target.label))
        yield _picture(blended(explanation.seen, one, limit), label, describe(one))
    yield f"<div>{_predictions(explanation.predictions)}</div></div>"
    if note := f"{familiarity_note(explanation)} {no_classes_note(explanation)}".strip():
        yield _note(note)
    if explanation.attention:
        yield from _layers(explanation.attention)
    if note := unread_note(explanation):
        yield _note(note)


def _layers(attention: Sequence[LayerAttention]) -> Iterator[str]:
    if not attention:
        yield _note(tr("No attention layer has been recorded."))
        return
    span = gate_range(attention)
    names = (
        tr("layer"),
        tr("mechanism"),
        "C",
        tr("k or r"),
        tr("mean ω"),
        tr("min"),
        tr("max"),
        tr("gates over channels"),
    )
    yield f'<div style="overflow-x:auto"><table style="{_TABLE};width:100%">'
    heads = "".join(f'<th style="{_CELL}">{name}</th>' for name in names)
    yield f"<tr>{heads}</tr>"
    channels = sum(min(record.channels, _COLUMNS) for record in attention)
    shown = max(1, min(_TABLE_ROWS, _PIXELS // channels))
    for record in attention:
        gates = record.weights
        size = f"k {record.kernel_size}" if record.kernel_size is not None else ""
        if record.reduction is not None:
            size = f"r {record.reduction:.3g}"
        values = (record.layer, record.mechanism, f"{record.channels}", size)
        finite = known(gates)
        measures = (finite.mean(), finite.min(), finite.max()) if finite.size else ()
        numbers = tuple(f"{value:.3f}" for value in measures) or ("–",) * 3
        cells = "".join(
            f'<td style="{_CELL}">{html.escape(cell)}</td>' for cell in (*values, *numbers)
        )
        yield f'<tr>{cells}<td style="{_CELL};width:50%">{_strip(record, span, shown)}</td></tr>'
    yield f"</table></div>{_scale(span)}"
    images = max(len(record.weights) for record in attention)
    if images > shown:
        yield _note(tr("{n} images, {shown} shown in colours", n=images, shown=shown))


def _layer(record: LayerAttention) -> Iterator[str]:
    span = gate_range([record])
    images = len(record.weights)
    about = [record.mechanism, tr("{n} channels", n=record.channels)]
    if record.kernel_size is not None:
        about.append(f"k = {record.kernel_size}")
    if record.reduction is not None:
        about.append(f"r = {record.reduction:.3g}")
    if images > _ROWS:
        about.append(tr("{n} images, {shown} shown", n=images, shown=_ROWS))
    elif images > 1:
        about.append(tr("{n} images", n=images))
    yield f'<div style="font-size:16px;font-weight:600">{html.escape(record.layer)}</div>'
    yield _note(" · ".join(about))
    if not images:
        yield _note(tr("No image."))
        return
    yield _strip(record, span, _ROWS)
    yield _scale(span)
    strongest, weakest = (
        ", ".join(f"{channel} ({record.weights[0, channel]:.3f})" for channel in channels)
        for channels in strongest_and_weakest(record)
    )
    if images > 1:
        yield _note(tr("Strongest channels of the first image: {channels}", channels=strongest))
        yield _note(tr("Weakest channels of the first image: {channels}", channels=weakest))
    else:
        yield _note(tr("Strongest channels: {channels}", channels=strongest))
        yield _note(tr("Weakest channels: {channels}", channels=weakest))
    if note := reading_note(record):
        yield _note(note)


def _strip(record: LayerAttention, span: tuple[float, float], rows: int) -> str:
    """One pixel for each image and channel, drawn as wide as there is room."""
    if not record.weights.size:
        return ""
    low, high = span
    shares = np.clip((record.weights[:rows] - low) / ((high - low) or 1.0), 0, 1)
    if record.channels > _COLUMNS:
        parts = np.array_split(shares, _COLUMNS, axis=1)
        shares = np.stack([part.mean(1) for part in parts], axis=1)
    places = np.rint(np.nan_to_num(shares) * (_NO_NUMBER - 1))
    indices = np.where(np.isfinite(shares), places, _NO_NUMBER).astype(np.uint8)
    url = indexed_url(indices, _palette())
    alt = tr("Gates of {layer} over its channels", layer=record.layer)
    return (
        f'<img src="{url}" alt="{html.escape(alt)}" '
        f'style="display:block;width:100%;min-width:12rem;height:{max(14, 3 * len(shares))}px;'
        'image-rendering:pixelated">'
    )


def _scale(span: tuple[float, float]) -> str:
    bar = indexed_url(np.arange(_NO_NUMBER, dtype=np.uint8)[None], _palette())
    low, high = (f"{end:.2g}" for end in span)
    alt = tr("colours from {low} to {high}", low=low, high=high)
    return (
        f'<div style="{_NOTE}">{tr(theme.GATE)}: {low} <img src="{bar}" alt="{html.escape(alt)}" '
        'style="display:inline-block;width:120px;height:10px;vertical-align:middle;margin:0">'
        f" {high}</div>"
    )


def _predictions(best: Sequence[Prediction]) -> str:
    rows = "".join(
        f'<tr><td style="{_CELL}">{html.escape(tr(one.label))}</td>'
        f'<td style="{_CELL}">{one.probability:.1%}</td><td style="{_CELL};width:8rem">'
        f'<div style="background:{theme.ACCENT};height:10px;'
        f'width:{100 * one.probability:.1f}%"></div></td></tr>'
        for one in best
    )
    return f'<table style="{_TABLE}">{rows}</table>'


def _picture(pixels: Pixels, label: str, title: str = "") -> str:
    words = html.escape(label)
    return (
        f'<figure style="margin:0;max-width:{SIDE}px"><img src="{jpeg_url(pixels, SIDE)}" '
        f'alt="{words}" title="{html.escape(title or label)}" style="max-width:100%;margin:0">'
        f'<figcaption style="{_NOTE}">{words}</figcaption></figure>'
    )


def _note(words: str) -> str:
    return f'<div style="{_NOTE}">{html.escape(words)}</div>'


def blended(seen: Pixels, saliency: SaliencyMap, limit: float) -> Pixels:
    """A saliency map over the image as pixels, in the colours of the interactive overlay.

    Args:
        seen: The image as the network sees it, RGB (h, w, 3).
        saliency: The map of that image.
        limit: Value at the end of the colour scale, above 0.

    Returns:
        RGB (h, w, 3).
    """
    stops = theme.signed_scale() if saliency.signed else theme.unsigned_scale()
    places = [place for place, _ in stops]
    colours = np.array([_numbers(colour) for _, colour in stops])
    end = limit if np.isfinite(limit) else 1.0
    low = -end if saliency.signed else 0.0
    shares = np.clip((np.nan_to_num(saliency.values) - low) / (end - low), 0, 1)
    over = np.stack([np.interp(shares, places, part) for part in colours.T], axis=-1)
    alpha = 0.8 * over[..., 3:]
    mixed = (1 - alpha) * seen + alpha * over[..., :3]
    pixels: Pixels = np.rint(np.clip(mixed, 0, 255)).astype(np.uint8)
    return pixels


def _palette() -> NDArray[np.uint8]:
    """The colours of gates, and grey, RGB (256, 3)."""
    colours = [*sample_colorscale(theme.GATE_SCALE, list(_STEPS)), "rgb(128,128,128)"]
    return np.array([_numbers(colour) for colour in colours]).astype(np.uint8)


def _numbers(colour: str) -> list[float]:
    return [float(number) for number in re.findall(r"[\d.]+", colour)]
