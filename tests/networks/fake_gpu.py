"""A device that computes on the CPU but refuses, as a GPU does, tensors of another device.

Importing it names PyTorch's spare backend "fakegpu", which lasts for the process.
"""

from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.utils import _pytree as pytree
from torch.utils.backend_registration import _setup_privateuseone_for_python_backend

NAME = "fakegpu"
# The most bytes of one tensor, None for no limit: beyond it there is no memory.
LIMIT: list[int | None] = [None]
# The operations that ran on the device.
RAN: list[str] = []
# Whether a convolution could have rounded its inputs, as NVIDIA's GPUs do by default.
ROUNDED: set[bool] = set()
# What stands behind a storage of the device, by the storage's address.
_HELD: dict[int, Tensor] = {}


def _wrapped(held: Tensor) -> Tensor:
    if LIMIT[0] is not None and held.nbytes > LIMIT[0]:
        raise torch.OutOfMemoryError("fakegpu out of memory")
    made: Tensor = torch._C._acc.create_empty_tensor(held.shape, held.dtype)
    _HELD[made.untyped_storage()._cdata] = held
    return made


def _held(tensor: Tensor) -> Tensor:
    return _HELD[tensor.untyped_storage()._cdata]


def _run(op: Any, *args: Any, **kwargs: Any) -> Any:
    RAN.append(str(op))
    if "convolution" in str(op):
        ROUNDED.add(torch.backends.cudnn.allow_tf32)
    wrappers: dict[int, Tensor] = {}

    def unwrap(value: Any) -> Any:
        if isinstance(value, torch.device):
            return torch.device("cpu")
        if not isinstance(value, Tensor):
            return value
        if value.device.type == NAME:
            held = _held(value)
            wrappers[id(held)] = value
            return held
        if value.ndim:
            raise RuntimeError(f"{op} got a tensor on {value.device} beside those on {NAME}")
        return value

    def wrap(value: Any) -> Any:
        if not isinstance(value, Tensor):
            return value
        known = wrappers.get(id(value))
        return _wrapped(value) if known is None else known

    given, named = pytree.tree_map(unwrap, (args, kwargs))
    return pytree.tree_map(wrap, op(*given, **named))


_setup_privateuseone_for_python_backend(NAME)
_everything = torch.library.Library("_", "IMPL")
_everything.fallback(_run, "PrivateUse1")
_aten = torch.library.Library("aten", "IMPL")


# Those below, and what keeps the storage, by which the tensor behind it is found.
_DEFINED = {"empty.memory_format", "empty_strided", "detach", "_to_copy", "lift_fresh"}


def _on_device(name: str) -> Any:
    return lambda function: _aten.impl(name, function, "PrivateUse1")


@_on_device("empty.memory_format")
def _empty(size: Any, dtype: Any = None, memory_format: Any = None, **_: Any) -> Tensor:
    return _wrapped(torch.empty(size, dtype=dtype, memory_format=memory_format))


@_on_device("empty_strided")
def _empty_strided(size: Any, stride: Any, dtype: Any = None, **_: Any) -> Tensor:
    return _wrapped(torch.empty_strided(size, stride, dtype=dtype))


@_on_device("_copy_from")
def _copy(source: Tensor, target: Tensor, non_blocking: bool = False) -> Tensor:
    """Between the devices, which is allowed."""
    first, second = (_held(one) if one.device.type == NAME else one for one in (source, target))
    second.copy_(first)
    return target


@_on_device("_local_scalar_dense")
def _item(tensor: Tensor) -> Any:
    return _held(tensor).item()


@_on_device("convolution_overrideable")
def _convolution(*given: Any) -> Any:
    return _run(torch.ops.aten.convolution.default, *given)


@_on_device("convolution_backward_overrideable")
def _convolution_backward(grad: Tensor, x: Tensor, weight: Tensor, *more: Any) -> Any:
    *sizes, mask = more
    bias = [weight.shape[0]] if mask[2] else None
    return _run(torch.ops.aten.convolution_backward.default, grad, x, weight, bias, *sizes, mask)


def _take_over() -> None:
    """What PyTorch itself would compose of views and of results that change their size."""
    for name in torch._C._dispatch_get_all_op_names():
        space, _, rest = name.partition("::")
        if space != "aten" or rest in _DEFINED:
            continue
        plain, _, overload = rest.partition(".")
        schema = torch._C._get_schema(name.partition(".")[0], overload)
        changes = any(one.alias_info and one.alias_info.is_write for one in schema.arguments)
        if changes or not any("Tensor" in str(one.type) for one in schema.returns):
            continue
        if torch._C._dispatch_has_kernel_for_dispatch_key(name, "CompositeExplicitAutograd"):
            op = getattr(getattr(torch.ops.aten, plain), overload or "default")
            _aten.impl(rest, partial(_run, op), "PrivateUse1")


_take_over()
