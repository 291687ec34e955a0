"""The scorecard: every map scored, with a random baseline and randomised weights to compare."""

import copy
import itertools
import time
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import torch
from torch import Tensor, nn

from eca_viz.analysis.matrices import rank_correlation
from eca_viz.errors import SaliencyError
from eca_viz.gates.change import Intervention
from eca_viz.gates.forward import UNCHANGED, changed
from eca_viz.locale.texts import text
from eca_viz.networks.passes import Ticks, watch
from eca_viz.networks.private import PrivateNetwork, private_copy, with_layers
from eca_viz.networks.spec import Network
from eca_viz.records import Floats, MapScore, Prediction, SaliencyMap, Scorecard, as_floats
from eca_viz.saliency import metrics
from eca_viz.saliency.attribute import attribute
from eca_viz.saliency.registry import find_method

RANDOM = "random"
RANDOM_TITLE = text("Random map")


def scorecard(
    maps: Sequence[SaliencyMap],
    network: Network,
    inputs: Tensor,
    intervention: Intervention = UNCHANGED,
    progress: Callable[[float], None] = lambda fraction: None,
    on_score: Callable[[MapScore], None] = lambda score: None,
) -> Scorecard:
    """Scores of several maps of one class, and of a random map as their baseline.

    Args:
        maps: What to score.
        network: The network that the maps are of; it may be shared.
        inputs: The image, (1, 3, H, W).
        intervention: How the gates were changed for the maps; they are scored under the same.
        progress: Called with the share in [0, 1] that is done before each pass and from time to
            time within it; an exception that it raises ends the computation.
        on_score: Called with the scores of each map as soon as they are there.

    Returns:
        The scores in the order of the maps, the random map's last.

    Raises:
        SaliencyError: Without maps, and for maps of a channel or of several classes.
    """
    if not maps:
        raise SaliencyError(text("got no saliency maps to score; choose at least one method"))
    target = maps[0].target
    if not isinstance(target, Prediction):
        raise SaliencyError(text("got maps of a channel; score those of a class"))
    if any(record.target.index != target.index for record in maps):
        raise SaliencyError(text("got maps of several classes; score those of one class at a time"))
    start = time.perf_counter()
    ranking = [record for record in maps if not metrics.flat(record.values)]
    found: list[MapScore] = []
    if ranking:
        trained, ticks = network.private_on_device(), Ticks(passes(ranking, inputs), progress)
        watch(trained.module, ticks)
        with changed(trained, intervention):
            bench = _Bench(network, trained.module, inputs, target.index, intervention, ticks)
            for score in bench.scores(ranking):
                found.append(score)
                on_score(score)
    return Scorecard(
        target=target,
        shares=metrics.SHARES,
        scores=tuple(found),
        flat=tuple(record.title for record in maps if metrics.flat(record.values)),
        seconds=time.perf_counter() - start,
    )


class ToldOnce:
    """Calls a function with each score once, also where the maps are scored a second time."""

    def __init__(self, tell: Callable[[MapScore], None]):
        self._tell, self._told = tell, 0

    def anew(self) -> Callable[[MapScore], None]:
        """What to call with the scores of all maps, from the first."""
        numbers = itertools.count(1)

        def tell(score: MapScore) -> None:
            number = next(numbers)
            if number > self._told:
                self._told = number
                self._tell(score)

        return tell


def randomised(module: nn.Module) -> nn.Module:
    """A copy whose every tensor of weights holds the same numbers in a random order.

    The distribution of each tensor is kept, what was learnt is not. The copy has tensors of
    its own.
    """
    generator = torch.Generator().manual_seed(0)
    private = copy.deepcopy(module)
    with torch.no_grad():
        for weights in private.parameters():
            order = torch.randperm(weights.numel(), generator=generator)
            weights.copy_(weights.flatten()[order].reshape(weights.shape))
    return private


class _Bench:
    """What all maps of one image are scored with; `module` runs under the intervention."""

    def __init__(
        self,
        network: Network,
        module: nn.Module,
        inputs: Tensor,
        target: int,
        intervention: Intervention,
        ticks: Ticks,
    ) -> None:
        self._network, self._module, self._intervention = network, module, intervention
        self._inputs, self._target, self._ticks = inputs.detach().clone(), target, ticks
        self._randomised = with_layers(randomised(network.module), network.layers)
        self._blurred, self._mean_colour = metrics.blurred(inputs), torch.zeros_like(inputs)
        self._masks = metrics.rectangles(*inputs.shape[-2:])
        self._drops = metrics.score_drops(module, inputs, self._masks, target)

    def scores(self, maps: Sequence[SaliencyMap]) -> Iterator[MapScore]:
        """Those of each map, then those of the random baseline."""
        yield from map(self.score, maps)
        yield self.random_baseline()

    def score(self, record: SaliencyMap) -> MapScore:
        """All scores of one map."""
        found = metrics.sensitivity(
            record.values,
            self._inputs,
            lambda inputs: self._again(record, self._network.private_on_device(), inputs),
        )
        private = private_copy(self._randomised.module, self._randomised.layers)
        other = self._again(record, private, self._inputs)
        return self._map_score(
            record.method,
            record.title,
            record.values,
            sensitivity=found,
            similarity=rank_correlation(record.values, other),
        )

    def random_baseline(self) -> MapScore:
        """The scores of a map of random numbers."""
        values = np.random.default_rng(1).random(self._inputs.shape[-2:])
        return self._map_score(RANDOM, RANDOM_TITLE, as_floats(values))

    def _map_score(
        self,
        method: str,
        title: str,
        values: Floats,
        sensitivity: float | None = None,
        similarity: float | None = None,
    ) -> MapScore:
        deletion, insertion = (
            metrics.curve(self._module, before, after, values, self._target)
            for before, after in (
                (self._inputs, self._mean_colour),
                (self._blurred, self._inputs),
            )
        )
        return MapScore(
            method=method,
            title=title,
            deletion=deletion,
            insertion=insertion,
            deletion_area=metrics.area(deletion),
            insertion_area=metrics.area(insertion),
            infidelity=metrics.infidelity(values, self._masks, self._drops),
            sensitivity=sensitivity,
            similarity=similarity,
        )

    def _again(self, record: SaliencyMap, private: PrivateNetwork, inputs: Tensor) -> Floats:
        """The map that the same method with the same parameters makes of something else."""
        watch(private.module, self._ticks)
        with changed(private, self._intervention):
            return attribute(
                find_method(record.method),
                private.module,
                self._network.spec.gradcam_layer,
                inputs,
                record.target,
                record.parameters,
            ).values


def batch_seconds(network: Network) -> float:
    """Measured seconds of one forward pass of a batch, as the scorecard runs them."""
    side = network.spec.preprocess.crop
    images = torch.zeros(metrics.BATCH, 3, side, side)
    with torch.inference_mode():
        for _ in range(2):  # the first pass of a size takes longer
            start = time.perf_counter()
            network.module(images)
    return time.perf_counter() - start


def expected_seconds(maps: Sequence[SaliencyMap], batch: float) -> float:
    """The time that a scorecard will take, from that of a batch and from the maps' own times."""
    curve, drops = metrics.batches()
    passes_of_batches = drops + 2 * curve * (len(maps) + 1)
    again = (metrics.PERTURBED + 1) * sum(record.seconds for record in maps)
    return passes_of_batches * batch + again


def passes(ranking: Sequence[SaliencyMap], inputs: Tensor) -> int:
    """Forward passes of a scorecard, for progress."""
    curve, drops = metrics.batches()
    again = sum(
        find_method(record.method).forwards(record.parameters, inputs) for record in ranking
    )
    return drops + 2 * curve * (len(ranking) + 1) + (metrics.PERTURBED + 1) * again
