"""What attention costs: parameters and multiply-adds, counted by PyTorch's own counter."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from eca_viz.attention.discovery import find_attention
from eca_viz.attention.mechanisms.se import SELayer
from eca_viz.gates.forward import inspect_layers
from eca_viz.networks.architectures.eca_mobilenet import eca_mobilenet_v2
from eca_viz.networks.architectures.eca_resnet import eca_resnet50, eca_resnet101, eca_resnet152
from eca_viz.networks.clone import clone
from eca_viz.networks.shapes_only import ShapesOnly
from eca_viz.networks.spec import Network
from eca_viz.records import Cost, LayerAttention, NetworkCosts
from eca_viz.version import require

REDUCTION = 16

# Table 3 of Wang et al., CVPR 2020: millions of parameters (2^20) and billions of FLOPs (2^30).
PAPER: tuple[tuple[str, float, float], ...] = (
    ("ResNet-50", 24.37, 3.86),
    ("SENet-50", 26.77, 3.87),
    ("ECA-Net50", 24.37, 3.86),
    ("ECA-Net101", 42.49, 7.35),
    ("ECA-Net152", 57.40, 10.83),
    ("MobileNetV2", 3.34, 319.4 / 1024),
    ("ECA-MobileNetV2", 3.34, 319.9 / 1024),
)


def network_costs(network: Network) -> NetworkCosts:
    """Costs of a network at its own input size, beside those without attention and with SE.

    SE has the reduction 16 and no bias, as in the paper's counts. Multiply-adds are those
    of convolutions and matrix products; poolings, activations, batch norm and the product
    with the gate are not counted, as in the papers.

    >>> costs = eca_viz.network_costs(network)
    >>> costs.total.parameters, costs.attention.parameters
    (11181678, 36)
    """
    side = network.spec.preprocess.crop
    attention = inspect_layers(network)
    counts = _count(network.module, side)
    layers = {record.layer: counts.of(record.layer) for record in attention}
    return NetworkCosts(
        network=network.record.title,
        side=side,
        total=counts.of(""),
        without=_with_layers(network.module, side, attention, lambda channels: nn.Identity()),
        with_se=_with_layers(network.module, side, attention, _se),
        attention=Cost(
            sum(cost.parameters for cost in layers.values()),
            sum(cost.multiply_adds for cost in layers.values()),
        ),
        layers=layers,
    )


def paper_costs() -> tuple[tuple[str, Cost, float, float], ...]:
    """Our own counts at 224 px for Table 3 of the paper, each with the paper's two figures."""
    require("torchvision", "hub")
    from torchvision.models import mobilenet_v2, resnet50  # slow to import

    with ShapesOnly():
        built = {
            "ResNet-50": resnet50(),
            "SENet-50": _senet50(),
            "ECA-Net50": eca_resnet50(kernel_sizes=(3, 5, 5, 7)),
            "ECA-Net101": eca_resnet101(kernel_sizes=(3, 3, 5, 7)),
            "ECA-Net152": eca_resnet152(kernel_sizes=(3, 3, 5, 7)),
            "MobileNetV2": mobilenet_v2(),
            "ECA-MobileNetV2": eca_mobilenet_v2(),
        }
    return tuple(
        (name, _count(built[name], 224).of(""), parameters, flops)
        for name, parameters, flops in PAPER
    )


def _senet50() -> nn.Module:
    model = eca_resnet50()
    for layer in find_attention(model):
        model.set_submodule(layer.name, _se(layer.module.channels))  # type: ignore[arg-type]
    return model


def _se(channels: int) -> nn.Module:
    with ShapesOnly():
        return SELayer(channels, REDUCTION)


class _Counts:
    """Costs of every module of a network by its name; that of the whole network is empty."""

    def __init__(self, model: nn.Module, counter: FlopCounterMode) -> None:
        self._model = model
        self._flops: dict[str, dict[Any, int]] = counter.get_flop_counts()

    def of(self, name: str) -> Cost:
        module = self._model.get_submodule(name)
        place = ".".join(filter(None, (type(self._model).__name__, name)))
        return Cost(
            sum(parameter.numel() for parameter in module.parameters()),
            # The counter takes a multiply-add for two operations.
            sum(self._flops.get(place, {}).values()) // 2,
        )


def _count(module: nn.Module, side: int) -> _Counts:
    """On the meta device, where a forward pass computes shapes only."""
    private = clone(module).to("meta").eval()
    counter = FlopCounterMode(display=False)
    with counter, torch.no_grad():
        private(torch.empty(1, 3, side, side, device="meta"))
    return _Counts(private, counter)


def _with_layers(
    module: nn.Module,
    side: int,
    attention: Sequence[LayerAttention],
    make: Callable[[int], nn.Module],
) -> Cost:
    private = clone(module)
    for record in attention:
        private.set_submodule(record.layer, make(record.channels))
    return _count(private, side).of("")
