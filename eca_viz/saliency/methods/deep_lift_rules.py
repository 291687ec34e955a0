"""DeepLift's rules for what Captum has no rule for: products, and activations beside the ReLU."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function
from torch.overrides import TorchFunctionMode

PRODUCTS = frozenset({"mul", "mul_", "multiply", "__mul__", "__rmul__", "__imul__"})
# By their names in torch and in torch.nn.functional; Captum knows some of them as modules only.
ACTIVATIONS = frozenset(
    {"sigmoid", "sigmoid_", "hardsigmoid", "silu", "hardswish", "hardtanh", "relu6", "gelu"}
    | {"mish", "tanh", "tanh_"}
)
# Below this difference the quotient is made of rounding, and the slope stands in for it.
LEAST = 1e-6


class Rescale(TorchFunctionMode):
    """While it is entered, DeepLift's multipliers go through gates and all their activations.

    DeepLift runs the image and its baseline as the two halves of one batch. A channel
    gate is the product x · σ(… x …) of two things that both depend on x, which Captum takes
    for a product with a constant. Here each factor gets the mean of the other over the two
    halves, since Δ(ab) = mean(b) Δa + mean(a) Δb exactly; an activation gets Δf / Δx, as in
    the Rescale rule of Shrikumar et al. 2017. Modules are left as they are, so it holds for
    layers of any library.
    """

    def __torch_function__(
        self, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        given = kwargs or {}
        name = getattr(func, "__name__", "")
        if name in PRODUCTS and len(args) == 2 and _both_halves(*args):
            product = _Product.apply(*args)
            return args[0].copy_(product) if name in {"mul_", "__imul__"} else product
        if name in ACTIVATIONS and args and _traced(args[0]):
            return _Activation.apply(args[0], lambda x: func(x, *args[1:], **given))
        return func(*args, **given)


def _traced(value: Any) -> bool:
    return isinstance(value, Tensor) and value.requires_grad and torch.is_grad_enabled()


def _both_halves(a: Any, b: Any) -> bool:
    """Whether two factors depend on the input and hold the same pairs of examples."""
    return _traced(a) and _traced(b) and a.ndim == b.ndim and len(a) == len(b) and len(a) % 2 == 0


class _Product(Function):
    @staticmethod
    def forward(ctx: Any, a: Tensor, b: Tensor) -> Tensor:
        ctx.save_for_backward(_mean_of_halves(a), _mean_of_halves(b))
        return a * b

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor]:
        (gradient,) = gradients
        a, b = ctx.saved_tensors
        return (gradient * b).sum_to_size(a.shape), (gradient * a).sum_to_size(b.shape)


class _Activation(Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, function: Callable[[Tensor], Tensor]) -> Tensor:
        with torch.enable_grad():
            leaf = x.detach().requires_grad_()
            # A copy, since the function may work in place.
            y = function(leaf.clone())
            (slope,) = torch.autograd.grad(y.sum(), leaf)
        y = y.detach()
        (x_seen, x_base), (y_seen, y_base) = x.chunk(2), y.chunk(2)
        change = (x_seen - x_base).repeat(2, *[1] * (x.ndim - 1))
        quotient = (y_seen - y_base).repeat(2, *[1] * (x.ndim - 1)) / change
        ctx.save_for_backward(torch.where(change.abs() < LEAST, slope, quotient))
        return y

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        (gradient,) = gradients
        return gradient * ctx.saved_tensors[0], None


def _mean_of_halves(x: Tensor) -> Tensor:
    seen, base = x.chunk(2)
    return ((seen + base) / 2).repeat(2, *[1] * (x.ndim - 1))
