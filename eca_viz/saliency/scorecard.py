"""The scorecard: every map against the network, a random map and a network that knows nothing."""

import copy
import time
from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor, nn

from eca_viz.analysis.matrices import rank_correlation
from eca_viz.errors import SaliencyError
from eca_viz.networks.clone import clone
from eca_viz.records import Floats, MapScore, Prediction, SaliencyMap, Scorecard, as_floats
from eca_viz.saliency import metrics as scores
from eca_viz.saliency.attribute import attribute
from eca_viz.saliency.registry import find_method

RANDOM = "random"
RANDOM_TITLE = "Random map"


def scorecard(
    maps: Sequence[SaliencyMap],
    module: nn.Module,
    layer: str,
    inputs: Tensor,
    progress: Callable[[float], None] = lambda fraction: None,
) -> Scorecard:
    """Scores of `maps`, which are of one class, and of a random map for comparison.

    `module` may be shared: it only runs forward, and methods run on clones. `layer` and
    `inputs` are those of `attribute`. `progress` gets the share that is done before each
    forward pass; an exception that it raises ends the computation. Raises SaliencyError
    without maps and for maps of a channel or of several classes.
    """
    if not maps:
        raise SaliencyError("got no saliency maps to score; choose at least one method")
    target = maps[0].target
    if not isinstance(target, Prediction):
        raise SaliencyError("got maps of a channel; score those of a class")
    if any(record.target.index != target.index for record in maps):
        raise SaliencyError("got maps of several classes; score those of one class at a time")
    start = time.perf_counter()
    ranking = [record for record in maps if not scores.flat(record.values)]
    bench = _Bench(module, layer, inputs.detach().clone(), target.index, ranking, progress)
    found = [bench.score(record) for record in ranking]
    if found:
        found.append(bench.chance())
    return Scorecard(
        target=target,
        shares=scores.SHARES,
        scores=tuple(found),
        flat=tuple(record.title for record in maps if scores.flat(record.values)),
        seconds=time.perf_counter() - start,
    )


def randomised(module: nn.Module) -> nn.Module:
    """A copy whose every tensor of weights holds the same numbers in a random order.

    It is as large and its layers are as strong as they were, but nothing of what was learnt
    is left. The copy has tensors of its own.
    """
    generator = torch.Generator().manual_seed(0)
    private = copy.deepcopy(module)
    with torch.no_grad():
        for weights in private.parameters():
            order = torch.randperm(weights.numel(), generator=generator)
            weights.copy_(weights.flatten()[order].reshape(weights.shape))
    return private


class _Bench:
    """What all maps of one photograph are scored with, and how far the work is."""

    def __init__(
        self,
        module: nn.Module,
        layer: str,
        inputs: Tensor,
        target: int,
        ranking: Sequence[SaliencyMap],
        progress: Callable[[float], None],
    ) -> None:
        self._module, self._layer, self._inputs, self._target = module, layer, inputs, target
        self._progress, self._done = progress, 0
        self._total = passes(ranking, inputs)
        if ranking:
            self._unlearnt = randomised(module)
            self._blurred, self._grey = scores.blurred(inputs), torch.zeros_like(inputs)
            self._masks = scores.rectangles(*inputs.shape[-2:])
            self._falls = scores.falls(module, inputs, self._masks, target, self._tick)

    def score(self, record: SaliencyMap) -> MapScore:
        """All scores of one map."""
        found = scores.sensitivity(
            record.values, self._inputs, lambda inputs: self._again(record, self._module, inputs)
        )
        unlearnt = self._again(record, self._unlearnt, self._inputs)
        return self._map_score(
            record.method,
            record.title,
            record.values,
            sensitivity=found,
            similarity=rank_correlation(record.values, unlearnt),
        )

    def chance(self) -> MapScore:
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
            scores.curve(self._module, before, after, values, self._target, self._tick)
            for before, after in ((self._inputs, self._grey), (self._blurred, self._inputs))
        )
        return MapScore(
            method=method,
            title=title,
            deletion=deletion,
            insertion=insertion,
            deletion_area=scores.area(deletion),
            insertion_area=scores.area(insertion),
            infidelity=scores.infidelity(values, self._masks, self._falls),
            sensitivity=sensitivity,
            similarity=similarity,
        )

    def _again(self, record: SaliencyMap, module: nn.Module, inputs: Tensor) -> Floats:
        """The map that the same method with the same parameters makes of something else."""
        method = find_method(record.method)
        return attribute(
            method,
            clone(module),
            self._layer,
            inputs,
            record.target,
            record.parameters,
            lambda fraction: self._tick(),
        ).values

    def _tick(self) -> None:
        self._progress(min(self._done / self._total, 1.0))
        self._done += 1


def passes(ranking: Sequence[SaliencyMap], inputs: Tensor) -> int:
    """Forward passes of a scorecard, for progress."""
    curve, falls = scores.batches()
    again = sum(
        find_method(record.method).forwards(record.parameters, inputs) for record in ranking
    )
    return falls + 2 * curve * (len(ranking) + 1) + (scores.PERTURBED + 1) * again
