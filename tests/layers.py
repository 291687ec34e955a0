"""Attention layers as libraries and people write them, and what should be read of each."""

import math

import torch
from timm.layers import ConvMlp, GatherExcite
from torch import Tensor, nn
from torch.nn import functional

from eca_viz.attention.mechanisms.eca import ECALayer
from eca_viz.attention.mechanisms.se import SELayer

C = 24


class CalledECA(nn.Module):
    """ECA whose sigmoid is a function."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv1d(1, 1, 3, padding=1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv(x.mean((2, 3)).unsqueeze(1))
        return x * torch.sigmoid(y).transpose(1, 2).unsqueeze(-1)


class HardECA(CalledECA):
    """ECA with a hard sigmoid that is a function."""

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv(x.mean((2, 3)).unsqueeze(1))
        return x * functional.hardsigmoid(y).transpose(1, 2).unsqueeze(-1)


class InPlaceECA(CalledECA):
    """ECA whose sigmoid overwrites the logits, and which overwrites its input."""

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv(x.mean((2, 3)).unsqueeze(1))
        y.sigmoid_()
        return x.mul_(y.transpose(1, 2).unsqueeze(-1))


class CalledSE(nn.Module):
    """SE whose activations are functions."""

    def __init__(self) -> None:
        super().__init__()
        self.down = nn.Linear(C, 6)
        self.up = nn.Linear(6, C)

    def forward(self, x: Tensor) -> Tensor:
        y = functional.relu(self.down(x.mean((2, 3))))
        return x * torch.sigmoid(self.up(y))[:, :, None, None]


class MethodECA(CalledECA):
    """ECA that calls the tensor's method."""

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv(x.mean((2, 3)).unsqueeze(1)).sigmoid()
        return x * y.transpose(1, 2).unsqueeze(-1)


class OutECA(CalledECA):
    """ECA whose sigmoid writes into a tensor of its own."""

    def forward(self, x: Tensor) -> Tensor:
        z = self.conv(x.mean((2, 3)).unsqueeze(1))
        y = torch.empty_like(z)
        torch.sigmoid(z, out=y)
        return x * y.transpose(1, 2).unsqueeze(-1)


class Swish(nn.Module):
    """An activation that calls a sigmoid too."""

    def forward(self, x: Tensor) -> Tensor:
        return x * torch.sigmoid(x)


class SwishSE(CalledSE):
    """SE with an activation that calls a sigmoid, inside of a layer that calls one."""

    def __init__(self) -> None:
        super().__init__()
        self.act = Swish()

    def forward(self, x: Tensor) -> Tensor:
        y = self.up(self.act(self.down(x.mean((2, 3)))))
        return x * torch.sigmoid(y)[:, :, None, None]


class ChainedECA(CalledECA):
    """ECA that runs its children in a loop."""

    def forward(self, x: Tensor) -> Tensor:
        y = x.mean((2, 3)).unsqueeze(1)
        for child in self.children():
            y = child(y)
        return x * torch.sigmoid(y).transpose(1, 2).unsqueeze(-1)


class SqueezedSE(CalledSE):
    """SE that drops the batch of one image."""

    def forward(self, x: Tensor) -> Tensor:
        y = functional.relu(self.down(x.mean((2, 3)).squeeze()))
        return x * torch.sigmoid(self.up(y)).reshape(*x.shape[:2], 1, 1)


class SquareECA(CalledECA):
    """Multiplies by the square of its gates."""

    def forward(self, x: Tensor) -> Tensor:
        y = torch.sigmoid(self.conv(x.mean((2, 3)).unsqueeze(1)))
        return x * y.transpose(1, 2).unsqueeze(-1) ** 2


class GateOnly(nn.Module):
    """CBAM's channel part as most repositories write it: it gives the gates alone."""

    def __init__(self) -> None:
        super().__init__()
        self.avg_pool = nn.AdaptiveAvgPool2d(1)
        self.max_pool = nn.AdaptiveMaxPool2d(1)
        self.fc = nn.Sequential(
            nn.Conv2d(C, 6, 1, bias=False), nn.ReLU(), nn.Conv2d(6, C, 1, bias=False)
        )
        self.sigmoid = nn.Sigmoid()

    def forward(self, x: Tensor) -> Tensor:
        gates: Tensor = self.sigmoid(self.fc(self.avg_pool(x)) + self.fc(self.max_pool(x)))
        return gates


class MaximumFirst(GateOnly):
    """The same with the maximum before the average."""

    def forward(self, x: Tensor) -> Tensor:
        gates: Tensor = self.sigmoid(self.fc(self.max_pool(x)) + self.fc(self.avg_pool(x)))
        return gates


class MaxECA(ECALayer):
    """ECA on the maximum of each channel."""

    def __init__(self) -> None:
        super().__init__(C)
        self.avg_pool = nn.AdaptiveMaxPool2d(1)  # type: ignore[assignment]


class ECAOnBoth(ECALayer):
    """ECA on average and maximum through one convolution."""

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv(x.mean((2, 3)).unsqueeze(1)) + self.conv(x.amax((2, 3)).unsqueeze(1))
        return x * self.sigmoid(y).transpose(1, 2).unsqueeze(-1)


class ECAOnPowers(ECALayer):
    """ECA on the mean square of each channel: a descriptor that is not known."""

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv(x.square().mean((2, 3)).unsqueeze(1))
        return x * self.sigmoid(y).transpose(1, 2).unsqueeze(-1)


class ScaledSE(SELayer):
    """SE with a factor on its logits that no module holds."""

    def forward(self, x: Tensor) -> Tensor:
        y = self.fc2(self.relu(self.fc1(x.mean((2, 3)))))
        return x * self.sigmoid(2 * y)[:, :, None, None]


class ResidualECA(ECALayer):
    """Adds the scaled input to the input: its factors are 1 + ω."""

    def forward(self, x: Tensor) -> Tensor:
        return x + super().forward(x)


class PositionGate(nn.Module):
    """A convolution and a sigmoid over positions, with the modules of ECA."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv1d(1, 1, 3, padding=1, bias=False)
        self.sigmoid = nn.Sigmoid()

    def forward(self, x: Tensor) -> Tensor:
        y = self.sigmoid(self.conv(x.mean(1).flatten(1).unsqueeze(1)))
        return x * y.reshape(len(x), 1, *x.shape[2:])


class FrequencySE(nn.Module):
    """FcaNet's layer: SE on one frequency of the cosine transform of each channel."""

    weight: Tensor

    def __init__(self) -> None:
        super().__init__()
        places = torch.arange(7) + 0.5
        rows = [torch.cos(math.pi * (c % 4) * places / 7) for c in range(C)]
        columns = [torch.cos(math.pi * (c // 4 % 3) * places / 7) for c in range(C)]
        filters = [row[:, None] * column[None] for row, column in zip(rows, columns, strict=True)]
        self.register_buffer("weight", torch.stack(filters) / 49)
        self.fc = nn.Sequential(
            nn.Linear(C, 6, bias=False), nn.ReLU(), nn.Linear(6, C, bias=False), nn.Sigmoid()
        )

    def forward(self, x: Tensor) -> Tensor:
        fitted = functional.adaptive_avg_pool2d(x, (7, 7))
        return x * self.fc((fitted * self.weight).sum((2, 3)))[:, :, None, None]


class ECA1d(CalledECA):
    """ECA in a network over sequences."""

    def forward(self, x: Tensor) -> Tensor:
        return x * torch.sigmoid(self.conv(x.mean(2).unsqueeze(1))).transpose(1, 2)


class SE3d(CalledSE):
    """SE in a network over volumes."""

    def forward(self, x: Tensor) -> Tensor:
        y = functional.relu(self.down(x.mean((2, 3, 4))))
        return x * torch.sigmoid(self.up(y))[:, :, None, None, None]


class GateECA(nn.Module):
    """ECA whose convolution is a function on a parameter: no module shows it."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(1, 1, 3))

    def forward(self, x: Tensor) -> Tensor:
        y = functional.conv1d(x.mean((2, 3)).unsqueeze(1), self.weight, padding=1)
        return x * torch.sigmoid(y).transpose(1, 2).unsqueeze(-1)


class OfficialECANS(nn.Module):
    """Own taps for each channel, of a window that is cut out before."""

    def __init__(self) -> None:
        super().__init__()
        self.avg_pool = nn.AdaptiveAvgPool2d(1)
        self.conv = nn.Conv1d(C, C, 3, bias=False, groups=C)
        self.sigmoid = nn.Sigmoid()

    def forward(self, x: Tensor) -> Tensor:
        y = self.avg_pool(x).transpose(-1, -3)  # (N, 1, 1, C)
        windows = functional.unfold(y, (1, 3), padding=(0, 1)).transpose(-1, -2)
        return x * self.sigmoid(self.conv(windows)).unsqueeze(-1)


class GatherExciteSE(GatherExcite):
    """timm's constructor fails with an MLP, which is put in here."""

    def __init__(self) -> None:
        super().__init__(C, use_mlp=False)
        self.mlp = ConvMlp(C, 6)
