"""The task behind the statistics: gates, predictions and effects of the images of a chunk."""

import copy
import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from eca_viz.gates.forward import attend
from eca_viz.locale.texts import text
from eca_viz.networks.precision import full_precision
from eca_viz.networks.preprocess import Preprocess
from eca_viz.networks.private import PrivateNetwork, with_layers
from eca_viz.networks.spec import Network
from eca_viz.records import Floats, LayerAttention, as_floats
from eca_viz.records.statistics import MEAN_GATE
from eca_viz.saliency.methods.layer import gate_attributions
from eca_viz.statistics.accumulate import NO_CLASS, Part, cut
from eca_viz.statistics.engine import Batch, Result, Rows, Seen
from eca_viz.statistics.listing import LABEL, PATH

PREDICTION, PROBABILITY, SHA256, PROBLEM = "prediction", "probability", "sha256", "problem"
NOT_FINITE = text("the network gives numbers for it that are not finite")


@dataclass(frozen=True, eq=False)
class GateTask:
    """Statistics of a network's gates.

    Attributes:
        network: The network.
        by_label: Whether an image's class is its label; else it is the predicted one.
        effects: Whether gate × gradient of the predicted class's logit is computed.
    """

    network: Network
    by_label: bool
    effects: bool

    @property
    def preprocess(self) -> Preprocess:
        """From an image to the network's input."""
        return self.network.spec.preprocess

    def open(self, device: str) -> "GateWorker":
        """The network on a device."""
        return GateWorker(self, on_device(self.network, device), device)


def on_device(network: Network, device: str) -> PrivateNetwork:
    """A private copy of a network on one of PyTorch's devices."""
    if device == "cpu":
        return network.private()
    return with_layers(copy.deepcopy(network.module).to(device), network.layers)


@dataclass(frozen=True, eq=False)
class GateWorker:
    """A GateTask with its network loaded."""

    task: GateTask
    private: PrivateNetwork
    device: str

    def run(self, number: int, batches: Iterable[Batch]) -> Result:
        """Attention, predictions and, where asked for, effects of the images of a chunk."""
        with full_precision(self.device):
            done = [self._one(batch) for batch in batches]
        rows = {
            column: [value for one in done for value in one.rows[column]] for column in done[0].rows
        }
        good = [one for one in done if len(one.images)]
        part = Part.zero()
        if good:
            part = part.add(
                [
                    _joined(records)
                    for records in zip(*(one.attention for one in good), strict=True)
                ],
                [name for one in good for name in one.classes],
                np.concatenate([one.images for one in good]),
                {
                    layer: as_floats(np.concatenate([one.effects[layer] for one in good]))
                    for layer in good[0].effects
                },
            )
        return Result(number, rows, part)

    def _one(self, batch: Batch) -> "_Measured":
        inputs = self.task.preprocess.normalise(batch.pixels).to(self.device)
        logits, attention = attend(self.private, inputs)
        finite = torch.isfinite(logits).all(1).cpu().numpy()[: len(batch.good)]
        names = self.task.network.record.labels
        best, probabilities = logits.new_zeros(len(logits), dtype=torch.long), None
        if names:
            best = logits.argmax(1)
            probabilities = logits.double().softmax(1).amax(1).cpu().numpy()
        effects = self._effects(inputs, best)
        kept = np.flatnonzero(finite)
        used = [one for one, fine in zip(batch.good, finite, strict=True) if fine]
        labels = [names[int(index)] if names else None for index in best.cpu()[kept]]
        shares = [None] * len(kept) if probabilities is None else probabilities[kept].tolist()
        attention = tuple(cut(record, kept) for record in attention)
        found = {
            one.number: (
                label,
                share,
                [float(r.weights[row].mean()) for r in attention],
            )
            for row, (one, label, share) in enumerate(zip(used, labels, shares, strict=True))
        }
        return _Measured(
            attention,
            [self._class(one, label) for one, label in zip(used, labels, strict=True)],
            np.array([one.number for one in used], np.int64),
            {layer: values[kept] for layer, values in effects.items()},
            _rows(batch.seen, found, [record.layer for record in attention]),
        )

    def _class(self, one: Seen, predicted: str | None) -> str:
        return (one.item.label if self.task.by_label else predicted) or NO_CLASS

    def _effects(self, inputs: Tensor, targets: Tensor) -> dict[str, Floats]:
        if not self.task.effects:
            return {}
        layers = self.private.layers
        found = gate_attributions(self.private.module, layers, inputs, targets)
        return {
            layer.name: as_floats(values.cpu().numpy())
            for layer, values in zip(layers, found, strict=True)
        }


@dataclass(frozen=True, eq=False)
class _Measured:
    """What a batch gave: of the images (n,) that could be used, and rows of all."""

    attention: Sequence[LayerAttention]
    classes: list[str]
    images: np.ndarray
    effects: Mapping[str, Floats]
    rows: Rows


def _joined(records: Sequence[LayerAttention]) -> LayerAttention:
    """One layer over several batches."""
    return dataclasses.replace(
        records[0],
        descriptor=np.concatenate([one.descriptor for one in records]),
        logits=np.concatenate([one.logits for one in records]),
        weights=np.concatenate([one.weights for one in records]),
        maximum=None,  # of y alone there are statistics
        deviation=None,
    )


Found = Mapping[int, tuple[str | None, float | None, list[float]]]


def _rows(seen: Sequence[Seen], found: Found, layers: Sequence[str]) -> Rows:
    """A row for each image; `found` has prediction, probability and mean gates by number."""
    nothing: tuple[str | None, float | None, list[float | None]] = (
        None,
        None,
        [None] * len(layers),
    )
    values = [found.get(one.number, nothing) for one in seen]
    rows: Rows = {
        PATH: [one.item.path for one in seen],
        LABEL: [one.item.label for one in seen],
        PREDICTION: [value[0] for value in values],
        PROBABILITY: [value[1] for value in values],
        SHA256: [one.sha256 for one in seen],
        PROBLEM: [_problem(one, found) for one in seen],
    }
    for place, layer in enumerate(layers):
        rows[MEAN_GATE + layer] = [value[2][place] for value in values]
    return rows


def _problem(one: Seen, found: Found) -> str:
    return one.problem or ("" if one.number in found else NOT_FINITE)
