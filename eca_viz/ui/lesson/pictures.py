"""The figures of the lesson's steps, computed from the image and the network at hand."""

import math

import numpy as np

from eca_viz import figures
from eca_viz.analysis import class_matching, comparison
from eca_viz.analysis.attention import gate_range
from eca_viz.analysis.gate_effects import STRONG, effects_in_words
from eca_viz.analysis.kernels import agreements
from eca_viz.analysis.matrices import rank_correlation
from eca_viz.analysis.reading import no_classes_note
from eca_viz.analysis.statistics import depth_sentence
from eca_viz.figures import theme
from eca_viz.kernel_size import adaptive_kernel_size
from eca_viz.locale.texts import tr
from eca_viz.records import Floats, LayerAttention
from eca_viz.ui import cache
from eca_viz.ui.components import widgets
from eca_viz.ui.lesson.material import Material
from eca_viz.ui.lesson.step import Picture

# Lines on kernel sizes that have room.
MOST_LINES = 4


def channel_maps(material: Material) -> Picture:
    """Feature maps of channels that vary over the image, each in another way."""
    start, record = material.start, material.first
    shown = {channel: start.maps[channel] for channel in start.varying}
    return Picture(
        {"channel_maps": figures.channel_maps(material.explanation.seen, shown)},
        tr(
            "{shown} of the **C = {channels}** channels that enter {layer}, each {size} values, "
            "over the image.",
            shown=len(shown),
            channels=record.channels,
            layer=_named(record),
            size=_size(shown[start.varying[0]]),
        ),
    )


def pooling(material: Material) -> Picture:
    """The map of the channel with the largest mean, and that mean among the descriptor."""
    record, shown = material.first, material.most
    values, mean = material.start.maps[shown], float(record.descriptor[0, shown])
    if not np.isclose(values.mean(), mean, rtol=1e-3, atol=1e-4):
        return Picture(
            {},
            tr(
                "{layer} runs several times for one image, so that its descriptor is not the mean "
                "of one map; pick another network for this step.",
                layer=_named(record),
            ),
        )
    return Picture(
        {"pooling": figures.pooling(values, record.descriptor[0], shown)},
        tr(
            "The {size} = {all:,} values of channel {channel} have the mean **y = {mean:.4f}**. "
            "{channels} channels give {channels} such numbers.",
            size=_size(values),
            all=values.size,
            channel=shown,
            mean=mean,
            channels=record.channels,
        ),
    )


def gating(material: Material) -> Picture:
    """The maps with the largest and the smallest gate, before and behind it."""
    strongest, weakest = material.extremes
    record = material.first
    figure = figures.feature_maps(
        material.explanation.seen,
        material.start.maps,
        record,
        {tr("largest gate"): strongest, tr("smallest gate"): weakest},
    )
    gates = record.weights[0]
    return Picture(
        {"gating": figure},
        tr(
            "{layer} multiplies channel {strongest} by **{largest:.4f}** and channel {weakest} by "
            "**{smallest:.4f}**.",
            layer=_named(record),
            strongest=strongest,
            largest=gates[strongest],
            weakest=weakest,
            smallest=gates[weakest],
        ),
    )


def squeeze(material: Material) -> Picture:
    """Descriptor, bottleneck and gates of the bundled SE network's second layer."""
    start = material.start
    channels, few = start.squeezing.channels, len(start.bottleneck.values)
    active = int((start.bottleneck.values != 0).sum())
    return Picture(
        {"squeeze": figures.squeeze(start.squeezing, start.bottleneck)},
        tr(
            "The bundled small ResNet with SE, for this image: {channels} descriptors, {few} "
            "values in the bottleneck, of which {active} are not 0 behind the ReLU, and "
            "{channels} gates.",
            channels=channels,
            few=few,
            active=active,
        ),
    )


def _named(record: LayerAttention) -> str:
    return widgets.plain(record.layer)


def _size(values: Floats) -> str:
    return " × ".join(map(str, values.shape))


def adaptive(material: Material) -> Picture:
    """k over C by Eq. 12, with one C marked."""
    channels = material.chosen
    k = adaptive_kernel_size(channels)
    drawn = figures.adaptive_kernel(material.explanation.attention, gamma=2, b=1)
    theme.marked(drawn, f"C = {channels}: k = {k}", math.log10(channels), k)
    exact = (math.log2(channels) + 1) / 2
    title = widgets.plain(tr(material.explanation.network.title))
    said = tr(
        "(log₂ {channels} + 1) / 2 = {exact:g}, so **k = {k}** for C = {channels}.",
        channels=channels,
        exact=exact,
        k=k,
    )
    if any(record.kernel_size is not None for record in material.explanation.attention):
        said += " " + tr("Diamonds are the layers of {network}.", network=title)
    return Picture({"adaptive_kernel": drawn}, said)


def loaded_kernels(material: Material) -> Picture:
    """k as loaded beside Eq. 12."""
    attention = material.explanation.attention
    if all(record.kernel_size is None for record in attention):
        return Picture(
            {}, tr("The network at hand has no kernel across channels; pick an ECA network.")
        )
    found = agreements(attention)
    lines = [f"- **{widgets.plain(layers)}**: {words}" for layers, words in found[:MOST_LINES]]
    if len(found) > MOST_LINES:
        lines.append(tr("- and {n} more, on the page Kernels", n=len(found) - MOST_LINES))
    return Picture({"kernel_sizes": figures.kernel_sizes(attention)}, "\n".join(lines))


def followed(material: Material) -> Picture:
    """The arithmetic of the strongest gate of the widest layer."""
    steps, record = material.steps, material.widest
    features = cache.feature_maps(material.explanation, material.network)[record.layer]
    span = gate_range(material.explanation.attention)
    drawing = figures.block_picture(steps, record, features.before[steps.channel], span=span)
    return Picture(
        {},
        tr(
            "Channel {channel} of {layer} has the largest gate there: z = **{logit:.4f}**, "
            "ω = **{gate:.4f}**.",
            channel=steps.channel,
            layer=_named(record),
            logit=steps.logit,
            gate=steps.weight,
        ),
        drawing=drawing,
    )


def ungated(material: Material) -> Picture:
    """Predictions with all gates 1."""
    before, after = material.explanation, material.all_ones
    if before.target is None:
        return Picture({}, widgets.plain(no_classes_note(before)))
    change = widgets.plain(class_matching.change(before, after))
    said = tr("**{sentence}**.", sentence=change)
    if not before.predictions:
        return Picture({}, said)
    table = class_matching.prediction_table(comparison.compare(after, before))
    drawn = figures.comparison_predictions(table, changed_gates=True)
    return Picture({"changed_predictions": drawn}, said)


def fate(material: Material) -> int:
    """What becomes of the prediction with all gates 1: 0 the same, 1 less sure, 2 another."""
    before, after = material.explanation, material.all_ones
    was, now = before.predictions[0], after.predictions[0]
    if was.index != now.index:
        return 2
    return 0 if abs(now.probability - was.probability) <= 0.05 else 1


def order_of_effects(material: Material) -> int:
    """0 where large gates clearly go with large effects, else 1."""
    effects = material.effects
    found = None if effects is None else rank_correlation(effects.weights, np.abs(effects.change))
    return 0 if found is not None and found >= STRONG else 1


def importance(material: Material) -> Picture:
    """Gates of the last layer against the measured effect of each."""
    effects = material.effects
    if effects is None:
        return Picture({}, widgets.plain(no_classes_note(material.explanation)))
    words = effects_in_words(effects, material.explanation.label_of(effects.target))
    said = tr(
        "{layer}, {n} gates, each set to its mean gate in turn.",
        layer=widgets.plain(effects.layer),
        n=len(effects.change),
    )
    return Picture(
        {"gate_effect": figures.gate_against_effect(effects)}, f"{said} {widgets.plain(words)}"
    )


def classes(material: Material) -> Picture:
    """How much of the variance of gates lies between classes, layer by layer."""
    statistics = material.statistics
    if statistics is None or len(statistics.classes) < 2:
        return Picture(
            {},
            tr(
                "No statistics per class are shipped for the network at hand; pick the bundled "
                "one, or compute them on a folder: the page Classes says how."
            ),
        )
    counted = tr(
        "Over {images:,} images in {classes} classes.",
        images=statistics.images,
        classes=len(statistics.classes),
    )
    return Picture(
        {"class_variance": figures.variance_between_classes(statistics.layers)},
        f"{widgets.plain(depth_sentence(statistics))} {counted}",
    )
