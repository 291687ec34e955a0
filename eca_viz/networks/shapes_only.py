"""Modules without memory for their tensors."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

MAKE = {torch.empty, torch.zeros, torch.ones}
# What fills a tensor with its first values. On the meta device these only work out that the
# shape stays as it is, in most of the time that it takes to make a network.
FILL = {
    Tensor.normal_,
    Tensor.uniform_,
    nn.init.constant_,
    nn.init.kaiming_uniform_,
    nn.init.normal_,
    nn.init.uniform_,
}


class ShapesOnly(TorchFunctionMode):
    """While it is entered, modules are made without memory for their tensors.

    Only what modules fill later is put on the meta device; `torch.device("meta")` puts
    everything there, also what some networks compute their own sizes from.
    """

    def __torch_function__(
        self, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        given = dict(kwargs or {})
        if func in FILL:
            filled = given["tensor"] if "tensor" in given else args[0]
            if filled.is_meta:
                return filled
        if func in MAKE and given.get("device") is None:
            given["device"] = "meta"
        return func(*args, **given)
