"""How far the attention of an explanation was read, in words."""

from eca_viz.locale.texts import text, tr
from eca_viz.records import Explanation, LayerAttention

# What a descriptor y is, by LayerAttention.pooling.
POOLINGS = {
    "average": text("the average of each channel over its positions"),
    "maximum": text("the maximum of each channel over its positions"),
    "half of each": text(
        "half the average and half the maximum of each channel over its positions"
    ),
    "l2 norm": text("the root of the sum of the squares of each channel over its positions"),
    "weighted average": text(
        "the average of each channel over its positions, which the layer weighs by a softmax of a "
        "score for each"
    ),
    "DCT": text("one coefficient of each channel's discrete cosine transform"),
}


def reading_note(record: LayerAttention) -> str:
    """How a layer was read, as sentences; empty where a formula holds on the average.

    Args:
        record: The layer.
    """
    if record.verified == "weights":
        return tr(
            "Of {layer} the gates alone are known, read and found to multiply its input: it "
            "{doubt}. Shown as y is the average of each channel.",
            layer=record.layer,
            doubt=tr(record.doubt),
        )
    if record.maximum is not None:
        return tr(
            "Beside y, {average}, this layer takes m, the maximum. Charts show y.",
            average=POOLINGS["average"],
        )
    if record.deviation is not None:
        return tr(
            "Beside y, {average}, this layer takes s, the standard deviation. Charts show y.",
            average=POOLINGS["average"],
        )
    if record.pooling == "average":
        return ""
    return tr("Here y is {pooling}.", pooling=POOLINGS[record.pooling])


def no_classes_note(explanation: Explanation) -> str:
    """That a network predicts no class, and what of it saliency explains; empty for others."""
    if explanation.predictions:
        return ""
    if explanation.score is not None:
        return tr(
            "This network gives no classes, so there are no predictions; saliency explains its "
            "score, which its owner's function gives."
        )
    return tr(
        "This network gives no classes, so there are no predictions and, without a score, no "
        "saliency."
    )


def unread_note(explanation: Explanation) -> str:
    """What looks like attention and is not shown, as sentences; empty where all is shown."""
    return " ".join(tr("{sentence}.", sentence=tr(one)) for one in explanation.unread)
