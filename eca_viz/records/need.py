"""Accuracy over a folder while a network's gates are changed."""

from collections.abc import Mapping
from dataclasses import dataclass

from eca_viz.locale.texts import text
from eca_viz.records.base import EVERYWHERE
from eca_viz.records.network import NetworkRecord

# Kinds of conditions: the gates as they are, and (with a seed behind it) channels at random.
UNCHANGED, AT_RANDOM = "unchanged", "random"
# What is measured: what gates are worth, and how many channels can be zero.
NEED, PRUNING = "need", "pruning"
# Without these conditions nothing can be said of what gates are worth.
CONSTANT, ONES = "reference", "ones"
# The changes that take something from the gates, each in all layers and in each stage.
PERMUTE = "permute"
KINDS = (CONSTANT, "layer_mean", ONES, "half", "shuffle", PERMUTE)
# Orders in which channels are set to zero, beside those at random.
BY_GATE, BY_EFFECT = text("weakest mean gate"), text("weakest effect")


@dataclass(frozen=True)
class ConditionResult:
    """How well a network does over labelled images under one condition.

    `kind` names the change of the gates ("unchanged" for none) and `where` the stage, or "all";
    `share` in [0, 1] is that of the channels that were set to zero, 0 where none was. `right` of
    `images` are predicted as their label; `low` and `high` are the ends of the 95 % Wilson
    interval of that share, `log_probability` the mean natural logarithm of the label's
    probability. `lost` images are right unchanged and wrong here, `won` the other way round;
    `p_value` is that of McNemar's exact test that both are equally likely, 1 for no change.
    """

    kind: str
    where: str
    share: float
    images: int
    right: int
    low: float
    high: float
    log_probability: float
    lost: int
    won: int
    p_value: float

    @property
    def top1(self) -> float:
        """Top-1 accuracy in [0, 1]."""
        return self.right / self.images


@dataclass(frozen=True)
class FolderAccuracy:
    """A network's accuracy over a folder under several conditions, the unchanged one first.

    `stages` are those that have attention layers, in the order of the forward pass; `skipped`
    images could not be read, or have no label among the network's classes; `reference` says over
    which images the mean gates are, empty where none are used.

    >>> accuracy = eca_viz.attention_need(folder, eca_viz.load_network("resnet_tiny_eca"))
    >>> accuracy.unchanged.images, accuracy.stages
    (4, ('layer1', 'layer2', 'layer3', 'layer4'))
    """

    network: NetworkRecord
    folder: str
    stages: tuple[str, ...]
    conditions: tuple[ConditionResult, ...]
    skipped: int
    versions: Mapping[str, str]
    reference: str = ""

    @property
    def unchanged(self) -> ConditionResult:
        """The condition in which the gates are as they are."""
        return self.conditions[0]

    @property
    def measured(self) -> str:
        """NEED or PRUNING; empty where the conditions show neither."""
        kinds = {one.kind for one in self.conditions if one.where == EVERYWHERE and not one.share}
        if kinds >= {CONSTANT, ONES}:
            return NEED
        return PRUNING if any(one.share for one in self.conditions) else ""
