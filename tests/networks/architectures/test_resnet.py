"""ResNet equals torchvision's: names, initial weights and outputs."""

from typing import Any

import pytest
import torch
from torch import nn
from torchvision.models import resnet18, resnet50, resnext50_32x4d, wide_resnet50_2

from eca_viz.networks.architectures.resnet import BasicBlock, Block, Bottleneck, ResNet

PAIRS: list[tuple[type[Block], tuple[int, ...], Any, dict[str, int]]] = [
    (BasicBlock, (2, 2, 2, 2), resnet18, {}),
    (Bottleneck, (3, 4, 6, 3), resnet50, {}),
    (Bottleneck, (3, 4, 6, 3), resnext50_32x4d, {"groups": 32, "width_per_group": 4}),
    (Bottleneck, (3, 4, 6, 3), wide_resnet50_2, {"width_per_group": 128}),
]
both = pytest.mark.parametrize(("block", "layers", "reference", "options"), PAIRS)


@both
@pytest.mark.parametrize("zero_init_residual", [False, True])
def test_the_same_seed_gives_torchvisions_weights(
    block: type[Block],
    layers: tuple[int, ...],
    reference: Any,
    options: dict[str, int],
    zero_init_residual: bool,
) -> None:
    torch.manual_seed(3)
    ours = ResNet(block, layers, 7, zero_init_residual=zero_init_residual, **options)
    torch.manual_seed(3)
    theirs = reference(num_classes=7, zero_init_residual=zero_init_residual)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    for name, tensor in theirs.state_dict().items():
        assert torch.equal(ours.state_dict()[name], tensor), name


@both
def test_outputs_are_torchvisions(
    block: type[Block], layers: tuple[int, ...], reference: Any, options: dict[str, int]
) -> None:
    ours = ResNet(block, layers, 7, **options).eval()
    theirs = reference(num_classes=7).eval()
    theirs.load_state_dict(ours.state_dict())
    x = torch.randn(2, 3, 65, 64)
    with torch.no_grad():
        torch.testing.assert_close(ours(x), theirs(x), rtol=1e-5, atol=1e-5)


def test_a_basic_block_has_no_groups() -> None:
    with pytest.raises(TypeError, match="groups"):
        ResNet(BasicBlock, (2, 2, 2, 2), groups=2)


def test_other_widths() -> None:
    model = ResNet(BasicBlock, (1, 1, 1, 1), 5, widths=(8, 16, 16, 32)).eval()
    convolutions = [m.out_channels for m in model.modules() if isinstance(m, nn.Conv2d)]
    assert convolutions == [8, 8, 8, *(16,) * 6, 32, 32, 32]
    with torch.no_grad():
        assert model(torch.zeros(1, 3, 64, 64)).shape == (1, 5)
