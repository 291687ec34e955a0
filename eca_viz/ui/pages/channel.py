"""Channel: one channel over many images, with the image at hand marked."""

import os
from collections.abc import Sequence
from pathlib import Path

import streamlit as st
from PIL import Image

from eca_viz import figures
from eca_viz.errors import EcaVizError, ImageError
from eca_viz.images.reading import read_image
from eca_viz.locale.texts import tr
from eca_viz.paths import IMAGES_VARIABLE
from eca_viz.records import (
    Explanation,
    LayerAttention,
    LayerStatistics,
    RankedImage,
)
from eca_viz.ui import cache, state
from eca_viz.ui.components import layer_picker, widgets
from eca_viz.ui.sections import statistics_source

THUMBNAIL = 96


def render() -> None:
    """Draws the page."""
    explanation = widgets.with_attention(widgets.current_explanation())
    record, channel = layer_picker.pick(explanation)
    gate = float(record.weights[0, channel])
    statistics = statistics_source.of_network()
    if statistics is None:
        st.info(
            tr(
                "No statistics of this network are at hand; compute them over a folder of images "
                "with python -m eca_viz statistics DIR --network NAME --out FILE, and open the "
                "file on the page Classes. Until then the page shows the images of this visit."
            )
        )
        statistics = statistics_source.of_visit()
    statistics_source.describe(statistics)
    layer = statistics.layer(record.layer)
    st.header(tr("Channel {channel} of {layer}", channel=channel, layer=record.layer))
    st.markdown(_sentence(layer, channel, gate))
    left, right = st.columns(2)
    with left:
        widgets.chart(figures.gate_histogram(layer, channel, gate), key="gate_histogram")
    with right:
        widgets.chart(figures.class_means(layer, channel, gate), key="class_means")
    _images(layer, channel)
    _neighbours(explanation, record, layer, channel)


def _sentence(layer: LayerStatistics, channel: int, gate: float) -> str:
    total = layer.total
    mean, sd = float(total.mean[channel]), float(total.sd[channel])
    found = {
        "images": total.count,
        "mean": mean,
        "sd": sd,
        "low": total.low[channel],
        "high": total.high[channel],
        "gate": gate,
    }
    if not sd:
        return tr(
            "Over {images:,} images ω = **{mean:.4f} ± {sd:.4f}**, from {low:.4f} to {high:.4f}; "
            "in the image at hand **{gate:.4f}**.",
            **found,
        )
    return tr(
        "Over {images:,} images ω = **{mean:.4f} ± {sd:.4f}**, from {low:.4f} to {high:.4f}; in "
        "the image at hand **{gate:.4f}**, {away:+.1f} standard deviations from the mean.",
        away=(gate - mean) / sd,
        **found,
    )


def _images(layer: LayerStatistics, channel: int) -> None:
    st.header(tr("Images with the highest and the lowest gate"))
    shown = {tr("Highest ω"): layer.highest[channel], tr("Lowest ω"): layer.lowest[channel]}
    if layer.effects is not None:
        shown |= {
            tr("Largest ω × gradient"): layer.effects.highest[channel],
            tr("Smallest ω × gradient"): layer.effects.lowest[channel],
        }
    for column, (title, images) in zip(st.columns(len(shown)), shown.items(), strict=True):
        with column:
            st.markdown(f"**{title}**")
            _gallery(images)


def _gallery(images: Sequence[RankedImage]) -> None:
    """Thumbnails where the app was started with the folder of the images, else names."""
    folder = os.environ.get(IMAGES_VARIABLE)
    pixels = [_thumbnail(folder, one.path, one.sha256) for one in images] if folder else [None]
    names = [f"{one.value:.4f} {widgets.plain(one.path)}" for one in images]
    found = [one for one in pixels if one is not None]
    if len(found) == len(images):
        st.image(found, caption=[name.split()[0] for name in names], width=THUMBNAIL)
    else:
        st.markdown("\n".join(f"1. {name}" for name in names))


@st.cache_resource(max_entries=400, show_spinner=False)
def _thumbnail(folder: str, path: str, sha256: str) -> Image.Image | None:
    """A small image of a file in the folder, None where it is not there or another one."""
    place = Path(folder, path).resolve()
    if not place.is_relative_to(Path(folder).resolve()) or not place.is_file():
        return None
    try:
        found = read_image(place)
    except ImageError:
        return None
    if found.sha256 != sha256:
        return None
    small = Image.fromarray(found.pixels)
    small.thumbnail((2 * THUMBNAIL, 2 * THUMBNAIL))
    return small


def _neighbours(
    explanation: Explanation, record: LayerAttention, layer: LayerStatistics, channel: int
) -> None:
    st.header(tr("Its neighbours and its effect"))
    left, right = st.columns(2)
    with left:
        try:
            network = state.choice().network
            (steps,) = cache.channel_steps(explanation, network, record.layer, [channel])
        except EcaVizError as error:
            st.error(widgets.plain(tr(error)))
        else:
            widgets.chart(figures.channel_terms(steps), key="steps")
    with right:
        if layer.effects is not None:
            widgets.chart(figures.effect_against_gate(layer, channel), key="effect_against_gate")
        else:
            st.info(tr("These statistics hold no effects; `--effects` computes them."))


render()
