"""Where a network computes: on a GPU where there is one, with its input and output on the CPU."""

import copy
import os
import threading
import warnings
from collections.abc import Callable
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import torch
from torch import Tensor, nn
from torch.utils import _pytree as pytree

from eca_viz.errors import DeviceWarning, NetworkError
from eca_viz.locale.texts import Text, text, tr
from eca_viz.networks.precision import full_precision
from eca_viz.networks.spec import Network
from eca_viz.paths import DEVICE_VARIABLE

AUTO, CPU = "auto", "cpu"
T = TypeVar("T")

# What is said of networks that left their device, by the digest of their weights.
fell_back: dict[str, Text] = {}

_lock = threading.Lock()
# Copies of networks on other devices, which are gone with the networks.
_copies: WeakKeyDictionary[nn.Module, dict[str, nn.Module]] = WeakKeyDictionary()


def find_device(given: str = "") -> str:
    """The device that a name means, as PyTorch calls it.

    Args:
        given: "auto", which is a GPU that CUDA knows or else the CPU, "cpu", "cuda", "cuda:1" or
            another device of PyTorch's; if empty what ECA_VIZ_DEVICE names, or else "auto".

    Returns:
        The device.

    Raises:
        NetworkError: For a device that is not there.
    """
    name = given or os.environ.get(DEVICE_VARIABLE, "") or AUTO
    if name == AUTO:
        return "cuda" if torch.cuda.is_available() else CPU
    try:
        torch.empty(1, device=name).cpu()
    except (RuntimeError, AssertionError) as error:  # the latter where CUDA is not built in
        reason = str(error).splitlines()[0].partition(". ")[0][:120]
        raise NetworkError(
            text(
                "got device {name!r}, on which PyTorch cannot compute here ({reason}); give auto, "
                "cpu, cuda or cuda:1",
                name=name,
                reason=reason,
            )
        ) from error
    return name


def module_on(module: nn.Module, device: str) -> nn.Module:
    """A network's module on a device, copied there once; on the CPU the module itself."""
    if device == CPU:
        return module
    with _lock:
        copies = _copies.setdefault(module, {})
        if device not in copies:
            copies[device] = copy.deepcopy(module).to(device)
        return copies[device]


def bridge(module: nn.Module, device: str) -> None:
    """Puts hooks on a private module on a device: tensors go there, and its outputs to the CPU.

    Gradients go the same way back.
    """
    if device == CPU:
        return

    def there(_: nn.Module, inputs: Any, more: Any) -> Any:
        return _moved((inputs, more), device)

    def back(_: nn.Module, inputs: Any, output: Any) -> Any:
        return _moved(output, CPU)

    module.register_forward_pre_hook(there, with_kwargs=True)
    module.register_forward_hook(back)


def _moved(value: Any, device: str) -> Any:
    return pytree.tree_map(lambda one: one.to(device) if isinstance(one, Tensor) else one, value)


def with_fallback(network: Network, compute: Callable[[Network], T]) -> T:
    """What `compute` gives for a network; on the CPU where its device has too little memory.

    On the device it computes in full precision.

    Args:
        network: The network.
        compute: What is to be done; called again with the network on the CPU.

    Returns:
        The result.

    Warns:
        DeviceWarning: Where the CPU takes over.
    """
    device = find_device(network.device)
    try:
        with full_precision(device):
            return compute(network)
    except torch.OutOfMemoryError:
        if device == CPU:
            raise
    _forget(network.module, device)
    sentence = text(
        "{network} ran out of memory on {device} and computes on the CPU instead; free memory "
        "there, or set {variable}=cpu",
        network=network.record.title,
        device=device,
        variable=DEVICE_VARIABLE,
    )
    fell_back[network.record.sha256] = sentence
    warnings.warn(tr(sentence), DeviceWarning, stacklevel=2)
    return compute(network.on(CPU))


def _forget(module: nn.Module, device: str) -> None:
    """Frees what a network takes on a device."""
    with _lock:
        _copies.pop(module, None)
    if torch.device(device).type == "cuda":
        torch.cuda.empty_cache()
