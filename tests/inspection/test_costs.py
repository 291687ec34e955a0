"""Costs against the paper's table and against counts by hand."""

import pytest
import torch
from torch import nn

import eca_viz
from eca_viz.attention.mechanisms.se import SELayer
from eca_viz.inspection.costs import network_costs, paper_costs
from eca_viz.networks.architectures.eca_resnet import eca_resnet18, eca_resnet50
from eca_viz.networks.registry import NETWORKS, find_network
from eca_viz.networks.spec import Network
from eca_viz.networks.state import prepare
from tests.factories import make_network


def as_network(module: nn.Module, side: int) -> Network:
    return make_network(prepare(module), side=side)


def test_parameters_of_the_papers_table_3() -> None:
    """In the paper's M = 2^20, which it gives to two digits after the point."""
    rows = paper_costs()
    assert len(rows) == 7
    for name, cost, parameters, flops in rows:
        assert cost.parameters / 2**20 == pytest.approx(parameters, abs=0.0051), name
        assert cost.multiply_adds / 2**30 == pytest.approx(flops, rel=0.11), name
    exact = {name: cost.parameters for name, cost, *_ in rows}
    assert exact["ECA-Net50"] == 25_557_112
    assert exact["ResNet-50"] == 25_557_032


def test_by_hand() -> None:
    """An ECA layer over C channels: k parameters, C·k multiply-adds; SE: 2·C²/r of both."""
    network = as_network(eca_resnet50(kernel_sizes=(3, 5, 5, 7), num_classes=2), 64)
    costs = network_costs(network)
    layer = costs.layers["layer4.2.eca"]
    assert (layer.parameters, layer.multiply_adds) == (7, 2048 * 7)
    assert costs.attention.parameters == 80
    assert costs.total.parameters - costs.without.parameters == 80
    assert costs.total.multiply_adds - costs.without.multiply_adds == costs.attention.multiply_adds
    se = sum(2 * c**2 // 16 * n for c, n in ((256, 3), (512, 4), (1024, 6), (2048, 3)))
    assert costs.with_se.parameters - costs.without.parameters == se
    assert costs.with_se.multiply_adds - costs.without.multiply_adds == se


def test_counting_leaves_the_network_alone() -> None:
    network = eca_viz.load_network(NETWORKS[0].name)
    before = {key: (value.data_ptr(), value.device) for key, value in tensors(network).items()}
    costs = network_costs(network)
    assert {k: (v.data_ptr(), v.device) for k, v in tensors(network).items()} == before
    assert costs.total.parameters == sum(p.numel() for p in network.module.parameters())
    first = network.module.conv1
    side = costs.side // 2
    assert costs.total.multiply_adds > first.weight.numel() * side**2
    assert costs.attention.parameters == 2 * 3 + 6 * 5


def tensors(network: Network) -> dict[str, torch.Tensor]:
    return network.module.state_dict()


def test_a_convolution_by_hand() -> None:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(3, 32, 3, padding=1)
            self.se = SELayer(32, 16)
            self.fc = nn.Linear(32, 2)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.fc(self.se(self.conv(x)).mean((2, 3)))

    costs = network_costs(as_network(Net(), 16))
    assert costs.without.multiply_adds == 16 * 16 * 32 * 27 + 64
    assert costs.attention.multiply_adds == 128
    assert costs.with_se == costs.total


@pytest.mark.parametrize(
    "name", ["timm:eca_halonext26ts", "timm:eca_botnext26ts_256", "timm:eca_nfnet_l0"]
)
def test_networks_with_other_parts_too(name: str) -> None:
    found = find_network(name)
    network = as_network(found.build(2), found.preprocess.crop)
    costs = network_costs(network)
    assert costs.total.parameters - costs.without.parameters == costs.attention.parameters > 0


def test_resnet18_against_torchvisions_metadata() -> None:
    """torchvision counts 1.814 GFLOPS for its ResNet-18 at 224 px."""
    costs = network_costs(as_network(eca_resnet18(), 224))
    assert costs.without.multiply_adds / 1e9 == pytest.approx(1.814, abs=0.001)
