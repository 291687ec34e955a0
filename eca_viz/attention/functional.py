"""Sigmoids that a layer calls as functions, made into modules on which hooks can be put."""

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.overrides import TorchFunctionMode

# The submodule that stands for the function while it is routed.
NAME = "called_gate"
_HARD = "hardsigmoid"
_NAMES = frozenset({"sigmoid", "sigmoid_", _HARD, "expit"})
_FUNCTIONS = frozenset(
    {
        torch.sigmoid,
        torch.special.expit,
        Tensor.sigmoid,
        functional.sigmoid,
        functional.hardsigmoid,
    }
)
_IN_PLACE = frozenset({torch.sigmoid_, Tensor.sigmoid_})


class CalledGate(nn.Module):
    """The sigmoid that a layer calls, as a module: z (any shape) to ω of the same shape."""

    def __init__(self, *, hard: bool) -> None:
        super().__init__()
        self.hard = hard
        self.function: Callable[..., Tensor] = functional.hardsigmoid if hard else torch.sigmoid

    def forward(self, logits: Tensor) -> Tensor:
        return self.function(logits)


class _Routing(TorchFunctionMode):
    """Inside of it a sigmoid is a call of the module."""

    def __init__(self, gate: CalledGate) -> None:
        super().__init__()
        self._gate = gate

    def __torch_function__(
        self, func: Any, types: Any, args: Any = (), kwargs: Any | None = None
    ) -> Any:
        if func in _IN_PLACE:
            return args[0].copy_(self._gate(args[0].clone()))
        if func in _FUNCTIONS:
            return self._gate(args[0] if args else (kwargs or {})["input"])
        return func(*args, **(kwargs or {}))


def called_gate(module: nn.Module) -> CalledGate | None:
    """A module for the one kind of sigmoid that a module's forward calls as a function.

    The forward's code names it; a submodule of such a name is no function. None where it names
    none, or a hard one beside the other.
    """
    code = getattr(type(module).forward, "__code__", None)
    called = _NAMES.intersection(code.co_names) if code is not None else frozenset[str]()
    kinds = {name == _HARD for name in called.difference(module._modules)}
    return CalledGate(hard=kinds.pop()) if len(kinds) == 1 else None


def install(module: nn.Module) -> Callable[[], None]:
    """Routes the sigmoid that a layer calls through a module of the layer, `called_gate`.

    Args:
        module: An attention layer. One that calls no sigmoid as a function stays as it is.

    Returns:
        What undoes it, nothing where there was nothing to do.
    """
    gate = called_gate(module)
    if NAME in module._modules or gate is None:
        return lambda: None
    module.add_module(NAME, gate)
    module.forward = partial(_routed, module, gate)

    def remove() -> None:
        del module._modules[NAME]
        del module.forward

    return remove


def _routed(module: nn.Module, gate: CalledGate, *args: Any, **kwargs: Any) -> Any:
    with _Routing(gate):
        return type(module).forward(module, *args, **kwargs)
