"""What the familiarity of an image means for its prediction, in words."""

from eca_viz.locale.texts import tr
from eca_viz.records import Explanation

# Below these shares of the reference images the prediction is doubted in words.
NONE_OF_ITS_CLASSES = 0.05
DOUBTED = 0.20


def probably_none(familiarity: float | None) -> bool:
    """Whether an image of this familiarity is probably none of the network's classes."""
    return familiarity is not None and familiarity < NONE_OF_ITS_CLASSES


def headline(explanation: Explanation) -> str:
    """The prediction in a few words, with the doubt that the image's familiarity gives.

    Of a network without classes its score, or whose attention it is.
    """
    if explanation.score is not None:
        return tr("Score {score:.5g}", score=explanation.score)
    if not explanation.predictions:
        return tr("Attention of {network}", network=tr(explanation.network.title))
    label, familiarity = tr(explanation.predictions[0].label), explanation.familiarity
    if probably_none(familiarity):
        return tr(
            "Probably none of its {classes:,} classes; nearest: {label}",
            classes=len(explanation.network.labels),
            label=label,
        )
    if familiarity is not None and familiarity < DOUBTED:
        return tr("Prediction with doubt: {label}", label=label)
    return tr("Prediction: {label}", label=label)


def familiarity_note(explanation: Explanation) -> str:
    """The number behind the headline as a sentence; empty where it is not known."""
    if explanation.familiarity is None:
        return ""
    return tr(
        "Familiarity {share:.0%}: the share of validation images of its classes that are less "
        "like its training images.",
        share=explanation.familiarity,
    )
