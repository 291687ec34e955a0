"""Activations that a layer calls as functions, made into modules on which hooks can be put."""

import sys
from collections.abc import Callable
from functools import partial
from types import CodeType, FrameType
from typing import Any, cast
from weakref import ref

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.overrides import TorchFunctionMode

# The attribute of a layer that stands for the function while it is routed.
NAME = "called_gate"
# What `nn.DataParallel` calls for a copy of a module.
_REPLICATE = "_replicate_for_data_parallel"
_HARD = "hardsigmoid"
_NAMES = frozenset({"sigmoid", "sigmoid_", _HARD, "expit"})
_FUNCTIONS = frozenset(
    {
        torch.sigmoid,
        torch.special.expit,
        Tensor.sigmoid,
        functional.hardsigmoid,
    }
)
_IN_PLACE = frozenset({torch.sigmoid_, Tensor.sigmoid_})
_TANH_NAMES = frozenset({"tanh", "tanh_"})
_TANH = frozenset({torch.tanh, Tensor.tanh})
_TANH_IN_PLACE = frozenset({torch.tanh_, Tensor.tanh_})
# Where a call of one passes through on its way.
_BETWEEN = frozenset({__name__, "torch.nn.functional", "torch.overrides", "torch._tensor"})


class CalledGate(nn.Module):
    """The activation that a layer calls, as a module: z of any shape to one of the same shape.

    It is a sigmoid, or with `tanh` the hyperbolic tangent.
    """

    def __init__(self, *, hard: bool = False, tanh: bool = False) -> None:
        super().__init__()
        self.hard, self.tanh = hard, tanh
        self.function: Callable[..., Tensor] = functional.hardsigmoid if hard else torch.sigmoid
        if tanh:
            self.function = torch.tanh

    def forward(self, logits: Tensor) -> Tensor:
        return self.function(logits)


class _Routing(TorchFunctionMode):
    """Inside of it an activation that the layer's own forward calls is a call of the module."""

    def __init__(self, gate: CalledGate, forward: CodeType) -> None:
        super().__init__()
        self._gate, self._forward = gate, forward
        self._in_place = _TANH_IN_PLACE if gate.tanh else _IN_PLACE
        self._routed = self._in_place | (_TANH if gate.tanh else _FUNCTIONS)

    def __torch_function__(
        self, func: Any, types: Any, args: Any = (), kwargs: Any | None = None
    ) -> Any:
        # With `out` or `inplace` it is more than a function of the logits.
        more = [
            value for value in (kwargs or {}).values() if value is not None and value is not False
        ]
        if len(args) != 1 or more or func not in self._routed or not self._called_by_layer():
            return func(*args, **(kwargs or {}))
        if func in self._in_place:
            return args[0].copy_(self._gate(args[0].clone()))
        return self._gate(args[0])

    def _called_by_layer(self) -> bool:
        """Whether no other module's forward lies between the layer's and the function."""
        frame: FrameType | None = sys._getframe(2)
        while frame is not None and frame.f_globals.get("__name__") in _BETWEEN:
            frame = frame.f_back
        return frame is not None and frame.f_code is self._forward


def called_gate(module: nn.Module) -> CalledGate | None:
    """A module for the one kind of sigmoid that a module's forward calls as a function.

    The forward's code names it; a submodule of such a name is no function. None where it names
    none, or a hard one beside the other.
    """
    code = code_of(module)
    called = _NAMES.intersection(code.co_names) if code is not None else frozenset[str]()
    children = {name for name, _ in module.named_children()} if called else set[str]()
    kinds = {name == _HARD for name in called - children}
    return CalledGate(hard=kinds.pop()) if len(kinds) == 1 else None


def calls_tanh(module: nn.Module) -> bool:
    """Whether a module's forward calls a hyperbolic tangent as a function."""
    code = code_of(module)
    return code is not None and not _TANH_NAMES.isdisjoint(code.co_names)


def called_tanh(module: nn.Module) -> CalledGate | None:
    """A module for the hyperbolic tangent that a module without submodules calls, None without."""
    alone = next(module.children(), None) is None
    return CalledGate(tanh=True) if alone and calls_tanh(module) else None


def code_of(module: nn.Module) -> CodeType | None:
    """The code of a module's forward, None where it is not written in Python."""
    return getattr(getattr(type(module), "forward", None), "__code__", None)


def installed(module: nn.Module) -> CalledGate | None:
    """The module that `install` gave a layer, None without one."""
    found = vars(module).get(NAME)
    return found if isinstance(found, CalledGate) else None


def install(module: nn.Module) -> Callable[[], None]:
    """Routes the activation that a layer calls through a module that hooks can be put on.

    It stands beside the layer's submodules, not among them.

    Args:
        module: An attention layer. One that calls no activation as a function, or whose forward
            was replaced, stays as it is.

    Returns:
        What undoes it, nothing where there was nothing to do.
    """
    gate, code = called_gate(module) or called_tanh(module), code_of(module)
    if gate is None or code is None or "forward" in vars(module):
        return lambda: None
    object.__setattr__(module, NAME, gate)
    object.__setattr__(module, _REPLICATE, partial(_replica, module, gate, code))
    module.forward = partial(_routed, module, gate, code)

    def remove() -> None:
        object.__delattr__(module, NAME)
        object.__delattr__(module, _REPLICATE)
        del module.forward

    return remove


def _replica(module: nn.Module, gate: CalledGate, code: CodeType) -> nn.Module:
    """A copy of a layer for another device, as `nn.DataParallel` makes it, routed as the layer is.

    It has the layer's attributes, of which its forward would run the layer itself. The reference is
    weak, so that the copy and its tensors go when the pass ends.
    """
    found: nn.Module = getattr(type(module), _REPLICATE)(module)
    weak = ref(found)
    found.forward = lambda *args, **kwargs: _routed(
        cast("nn.Module", weak()), gate, code, *args, **kwargs
    )
    return found


def _routed(module: nn.Module, gate: CalledGate, code: CodeType, *args: Any, **kwargs: Any) -> Any:
    with _Routing(gate, code):
        return type(module).forward(module, *args, **kwargs)
