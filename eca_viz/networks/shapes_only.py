"""Modules without memory for their tensors."""

from typing import Any

import torch
from torch.overrides import TorchFunctionMode


class ShapesOnly(TorchFunctionMode):
    """While it is entered, modules are made without memory for their tensors.

    Only what modules fill later is put on the meta device; `torch.device("meta")` puts
    everything there, also what some networks compute their own sizes from.
    """

    def __torch_function__(
        self, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        given = dict(kwargs or {})
        if func in {torch.empty, torch.zeros, torch.ones} and given.get("device") is None:
            given["device"] = "meta"
        return func(*args, **given)
