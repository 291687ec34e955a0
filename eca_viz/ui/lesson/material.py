"""What the pictures of the lesson are made of: the image and the network at hand."""

from dataclasses import dataclass
from functools import cached_property

from eca_viz.analysis.ablation import read_rows, summarise
from eca_viz.analysis.attention import widest
from eca_viz.analysis.lesson import extremes, first_layer
from eca_viz.paths import ABLATION, ASSETS
from eca_viz.records import (
    ChannelEffects,
    ChannelSteps,
    Explanation,
    FolderStatistics,
    LayerAttention,
    LayerResponse,
    LessonStart,
    Summary,
)
from eca_viz.statistics.shipped import shipped_statistics
from eca_viz.ui import cache, long_work, state

# Of the bundled small networks, so narrow (C = 32) that each entry of a matrix can be seen.
NARROW = 0
ALL_ONES = "all:ones"


@dataclass(frozen=True, eq=False)
class Material:
    """The explanation at hand, and what follows from it, each computed when it is asked for.

    `chosen` is the number of channels that a slider picked.
    """

    explanation: Explanation
    network: state.NetworkChoice
    chosen: int = 512

    @property
    def first(self) -> LayerAttention:
        """The first layer that takes averages, whose feature maps are the largest.

        Raises SelectionError where there is none.
        """
        return first_layer(self.explanation.attention)

    @property
    def widest(self) -> LayerAttention:
        """The layer with the widest spread of gates among those whose formula is known, if any."""
        known = [one for one in self.explanation.attention if one.verified == "formula"]
        return widest(known or self.explanation.attention)

    @cached_property
    def start(self) -> LessonStart:
        """Feature maps of the first layer, and the bundled SE network's bottleneck."""
        return cache.lesson_start(self.explanation, self.network)

    @cached_property
    def extremes(self) -> tuple[int, int]:
        """The channels of the first layer with the largest and the smallest gate."""
        return extremes(self.first)

    @property
    def most(self) -> int:
        """Of the channels whose maps the first step shows, the one with the largest descriptor."""
        return max(self.start.varying, key=lambda one: float(self.first.descriptor[0, one]))

    @cached_property
    def strongest(self) -> int:
        """The channel of the widest layer with the largest gate."""
        return extremes(self.widest)[0]

    @cached_property
    def measured(self) -> dict[str, Summary]:
        """Our accuracies, by mechanism."""
        return {one.mechanism: one for one in summarise(read_rows(ASSETS / ABLATION))}

    def response(self, mechanism: str) -> LayerResponse:
        """Matrix and Jacobian of the narrow layer of a bundled network, for the image at hand."""
        explanation = cache.variant(self.explanation.image, mechanism)
        return cache.response(explanation, explanation.attention[NARROW].layer)

    @cached_property
    def steps(self) -> ChannelSteps:
        """The arithmetic of the widest layer's largest gate."""
        layer, channel = self.widest.layer, self.strongest
        return cache.channel_steps(self.explanation, self.network, layer, [channel])[0]

    @cached_property
    def all_ones(self) -> Explanation:
        """The same image with all gates 1."""
        return cache.explanation(self.explanation.image, self.network, (ALL_ONES,))

    @property
    def effects_work(self) -> cache.Work[ChannelEffects] | None:
        """Measures the effect of each gate of the last layer; None with nothing to explain."""
        target = self.explanation.target
        if target is None:
            return None
        layer = self.explanation.attention[-1].layer
        return long_work.channel_effects(self.explanation, self.network, layer, target)

    @cached_property
    def effects(self) -> ChannelEffects | None:
        """The effect of each gate of the last layer; None with nothing to explain."""
        work = self.effects_work
        return None if work is None else cache.result(work)

    @cached_property
    def statistics(self) -> FolderStatistics | None:
        """What is shipped of the network over many images."""
        return shipped_statistics(self.network.name, self.network.sha256)
