"""The task behind accuracies: every image under every condition."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor

from eca_viz.gates.intervene import intervene
from eca_viz.locale.texts import text
from eca_viz.networks.precision import full_precision
from eca_viz.networks.preprocess import Preprocess
from eca_viz.networks.private import PrivateNetwork
from eca_viz.networks.spec import Network
from eca_viz.records import Floats
from eca_viz.records.need import UNCHANGED
from eca_viz.statistics.accumulate import Part
from eca_viz.statistics.conditions import Condition
from eca_viz.statistics.engine import Batch, Result, Rows
from eca_viz.statistics.gates import NOT_FINITE, PROBLEM, SHA256, on_device
from eca_viz.statistics.listing import LABEL, PATH

NO_LABEL = text("it has no label that is one of the network's classes")
# Before the name of a condition: columns of the table of images.
RIGHT, LOG = "right.", "log_probability."


@dataclass(frozen=True, eq=False)
class AccuracyTask:
    """Accuracy under conditions.

    Attributes:
        network: The network.
        classes: The index of the class that each label means.
        conditions: Each needs a forward pass.
        reference: Mean gates (C,) by layer.
    """

    network: Network
    classes: Mapping[str, int]
    conditions: tuple[Condition, ...]
    reference: Mapping[str, Floats]

    @property
    def preprocess(self) -> Preprocess:
        """From an image to the network's input."""
        return self.network.spec.preprocess

    def open(self, device: str) -> "AccuracyWorker":
        """The network on a device."""
        return AccuracyWorker(self, on_device(self.network, device), device)


@dataclass(frozen=True, eq=False)
class AccuracyWorker:
    """An AccuracyTask with its network loaded."""

    task: AccuracyTask
    private: PrivateNetwork
    device: str

    def run(self, number: int, batches: Iterable[Batch]) -> Result:
        """Whether each image is right under each condition, and its label's log-probability."""
        with full_precision(self.device):
            done = [self._one(batch) for batch in batches]
        return Result(
            number,
            {column: [value for one in done for value in one[column]] for column in done[0]},
            Part.zero(),
        )

    def _one(self, batch: Batch) -> Rows:
        inputs = self.task.preprocess.normalise(batch.pixels).to(self.device)
        classes = [self.task.classes.get(one.item.label or "", -1) for one in batch.good]
        targets = torch.tensor(classes, device=self.device)
        rows: Rows = {
            PATH: [one.item.path for one in batch.seen],
            LABEL: [one.item.label for one in batch.seen],
            SHA256: [one.sha256 for one in batch.seen],
            PROBLEM: [
                one.problem or ("" if one.item.label in self.task.classes else NO_LABEL)
                for one in batch.seen
            ],
        }
        places = [place for place, one in enumerate(batch.seen) if one.pixels is not None]
        for condition in self.task.conditions:
            with self._under(condition), torch.inference_mode():
                logits = self.private.module(inputs)[: len(targets)]
            right, log = _judged(logits, targets)
            for column, values in ((RIGHT, right), (LOG, log)):
                full: list[bool | float | None] = [None] * len(batch.seen)
                for place, value in zip(places, values, strict=True):
                    full[place] = value
                rows[column + condition.name] = full
            if condition.kind == UNCHANGED:
                for place, finite in zip(places, torch.isfinite(logits).all(1), strict=True):
                    rows[PROBLEM][place] = rows[PROBLEM][place] or ("" if finite else NOT_FINITE)
        return rows

    @contextmanager
    def _under(self, condition: Condition) -> Iterator[None]:
        if not (condition.changes or condition.factors):
            yield
            return
        with intervene(
            self.private.module,
            condition.changes,
            reference=self.task.reference,
            factors=condition.factors,
            layers=self.private.layers,
        ):
            yield


def _judged(logits: Tensor, targets: Tensor) -> tuple[list[bool], list[float]]:
    """Whether each best class is the target, and the log-probability of each target."""
    log = logits.double().log_softmax(1).gather(1, targets.clamp(min=0)[:, None])[:, 0]
    right: list[bool] = (logits.argmax(1) == targets).tolist()
    return right, log.tolist()
