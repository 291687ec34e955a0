"""What the modules inside of an attention layer are, by class and by what a forward calls."""

import copy
from collections.abc import Callable, Iterator

from torch import Tensor, nn
from torch.nn import functional

from eca_viz.attention.functional import CalledGate, called_gate, code_of, installed

# Activations that layers call as functions between their two matrices.
_FUNCTIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "relu": functional.relu,
    "relu_": functional.relu,
    "relu6": functional.relu6,
    "silu": functional.silu,
    "gelu": functional.gelu,
    "hardswish": functional.hardswish,
    "leaky_relu": functional.leaky_relu,
}


def own_forward(module: nn.Module, value: Tensor) -> Tensor:
    """The module's own forward, also while another one replaces it; without hooks."""
    result: Tensor = type(module).forward(module, value)
    return result


def leaves(module: nn.Module) -> Iterator[nn.Module]:
    """A layer's children, with each Sequential and MLP among them replaced by its own leaves."""
    for child in module.children():
        if type(child) is nn.Sequential or type(child).__name__.lower().endswith("mlp"):
            yield from leaves(child)
        else:
            yield child


def is_sigmoid(module: nn.Module) -> bool:
    """A sigmoid or its piecewise linear form; libraries define classes of their own."""
    return type(module).__name__.lower() in {"sigmoid", "hardsigmoid", "hardsigmoidme"}


def is_pool(module: nn.Module) -> bool:
    """A pooling layer, by the name of its class."""
    return "Pool" in type(module).__name__


def gate_of(module: nn.Module) -> nn.Module | None:
    """The one sigmoid that makes a layer's gates, None where there is none or more than one.

    Where the layer's forward calls a function, it is the module that `functional.install` puts
    there, or one like it that nothing calls.
    """
    if (called := called_gate(module)) is not None:
        return installed(module) or called
    found = [leaf for leaf in leaves(module) if is_sigmoid(leaf)]
    return found[0] if len(found) == 1 else None


def is_hard(gate: nn.Module) -> bool:
    """Whether a sigmoid is the piecewise linear one."""
    return gate.hard if isinstance(gate, CalledGate) else "hard" in type(gate).__name__.lower()


def without_effects(part: nn.Module) -> nn.Module:
    """In training mode a norm keeps statistics, and a dropout draws random numbers; a copy here."""
    if not part.training:
        return part
    private = copy.deepcopy(part)
    return private.eval() if "Dropout" in type(part).__name__ else private


def called_activations(module: nn.Module) -> list[Callable[[Tensor], Tensor]]:
    """The activations that a module's forward calls as functions, known by their names."""
    code = code_of(module)
    called = () if code is None else code.co_names
    return [one for name, one in _FUNCTIONS.items() if name in called]
