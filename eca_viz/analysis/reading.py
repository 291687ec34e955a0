"""How far the attention of an explanation was read, in words."""

from eca_viz.records import Explanation, LayerAttention

# What a descriptor y is, by LayerAttention.pooling.
POOLINGS = {
    "average": "the average of each channel over its positions",
    "maximum": "the maximum of each channel over its positions",
    "half of each": "half the average and half the maximum of each channel over its positions",
    "l2 norm": "the root of the sum of the squares of each channel over its positions",
    "weighted average": "the average of each channel over its positions, which the layer weighs by "
    "a softmax of a score for each",
    "DCT": "one coefficient of each channel's discrete cosine transform",
}


def reading_note(record: LayerAttention) -> str:
    """How a layer was read, as sentences; empty where a formula holds on the average.

    Args:
        record: The layer.
    """
    if record.verified == "weights":
        return (
            f"Of {record.layer} the gates alone are known, read and found to multiply its input: "
            f"it {record.doubt}. Shown as y is the average of each channel."
        )
    if record.maximum is not None:
        return f"Beside y, {POOLINGS['average']}, this layer takes m, the maximum. Charts show y."
    if record.deviation is not None:
        return (
            f"Beside y, {POOLINGS['average']}, this layer takes s, the standard deviation. Charts "
            "show y."
        )
    return "" if record.pooling == "average" else f"Here y is {POOLINGS[record.pooling]}."


def no_classes_note(explanation: Explanation) -> str:
    """That a network predicts no class, and what of it saliency explains; empty for others."""
    if explanation.predictions:
        return ""
    text = "This network gives no classes, so there are no predictions"
    if explanation.score is not None:
        return f"{text}; saliency explains its score, which its owner's function gives."
    return f"{text} and, without a score, no saliency."


def unread_note(explanation: Explanation) -> str:
    """What looks like attention and is not shown, as sentences; empty where all is shown."""
    return " ".join(f"{sentence}." for sentence in explanation.unread)
