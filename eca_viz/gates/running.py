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
        self._waiting: list[Tensor] = []
        self._count = 0.0
        self._mean = self._variance = 0.0
        self._shares = np.zeros(3)

    def add(self, weights: Tensor) -> None:
        """One pass, its gates (N, C)."""
        if not weights.numel():
            return
        gates = weights.detach().float()
        near = [(gates < NEAR), (gates - 0.5).abs() < NEAR, (gates > 1 - NEAR)]
        count = torch.full((), float(gates.numel()), device=gates.device)
        mean, variance = gates.mean(), gates.var(correction=0)
        shares = [share.float().mean() for share in near]
        self._waiting.append(torch.stack([count, mean, variance, *shares]))
        self._images += len(weights)
        if len(self._waiting) >= WAITING:
            self._fetch()

    def summary(self) -> GateSummary:
        """Of all passes so far; waits for the device."""
        self._fetch()
        zero, half, one = (float(share) for share in self._shares)
        sd = float(self._variance**0.5)
        return GateSummary(self._layer, self._images, float(self._mean), sd, zero, half, one)

    def _fetch(self) -> None:
        if not self._waiting:
            return
        found = torch.stack(self._waiting).cpu().numpy().astype(np.float64)
        self._waiting.clear()
        if self._count:
            found = np.vstack([found, [self._count, self._mean, self._variance, *self._shares]])
        count, mean, variance = found[:, :3].T
        self._count = float(count.sum())
        part = count / self._count
        self._mean = float(part @ mean)
        self._variance = float(part @ (variance + np.square(mean - self._mean)))
        self._shares = part @ found[:, 3:]
