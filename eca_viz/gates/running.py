"""Gates of many passes as a few numbers, kept on the device that computes them."""

import numpy as np
import torch
from torch import Tensor

from eca_viz.records import NEAR, GateSummary

# Passes whose numbers wait on the device until they are fetched at once: fetching waits for it.
WAITING = 64


class RunningGates:
    """Mean, spread and saturation of one layer's gates over all passes."""

    def __init__(self, layer: str) -> None:
        self._layer = layer
        self._images = 0
        self._last: Tensor | None = None
        self._waiting: list[Tensor] = []
        self._count = self._not_finite = 0.0
        self._mean = self._variance = 0.0
        self._shares = np.zeros(3)

    def add(self, weights: Tensor) -> None:
        """One pass, its gates (N, C), which nobody may change afterwards."""
        if not weights.numel():
            return
        self._summarise()
        self._last = weights.detach()
        self._images += len(weights)

    def _summarise(self) -> None:
        """Of the last pass; put off until another one, since most captures are of one pass."""
        if self._last is None:
            return
        gates, self._last = self._last.float(), None
        finite = gates.isfinite()
        count = finite.sum().clamp(min=1).float()
        mean = torch.where(finite, gates, 0.0).sum() / count
        variance = torch.where(finite, gates - mean, 0.0).square().sum() / count
        near = [(gates - place).abs() < NEAR for place in (0.0, 0.5, 1.0)]
        shares = [(share & finite).sum() / count for share in near]
        self._waiting.append(
            torch.stack([finite.sum().float(), (~finite).sum().float(), mean, variance, *shares])
        )
        if len(self._waiting) >= WAITING:
            self._fetch()

    def summary(self) -> GateSummary:
        """Of all passes so far; waits for the device."""
        self._summarise()
        self._fetch()
        zero, half, one = (float(share) for share in self._shares)
        sd = float(self._variance**0.5)
        mean, lost = float(self._mean), int(self._not_finite)
        return GateSummary(self._layer, self._images, mean, sd, zero, half, one, lost)

    def _fetch(self) -> None:
        if not self._waiting:
            return
        # Copies of a model on several devices each have their own.
        devices = {one.device for one in self._waiting}
        parts = [[one for one in self._waiting if one.device == device] for device in devices]
        found = np.vstack([torch.stack(part).cpu().numpy().astype(np.float64) for part in parts])
        self._waiting.clear()
        self._not_finite += float(found[:, 1].sum())
        found = np.delete(found, 1, axis=1)
        found = np.vstack([found, [self._count, self._mean, self._variance, *self._shares]])
        count, mean, variance = found[:, :3].T
        if not (total := float(count.sum())):
            return
        self._count = total
        part = count / total
        self._mean = float(part @ mean)
        self._variance = float(part @ (variance + np.square(mean - self._mean)))
        self._shares = part @ found[:, 3:]
