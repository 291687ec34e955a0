"""Attention layers that are read by input and output and explained by a formula, and some alike."""

import torch
from torch import Tensor, nn
from torch.nn import functional

C = 24


class SRM(nn.Module):
    """Style-based recalibration: mean and spread of each channel, weighed for each channel."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(C, 2))
        self.norm = nn.BatchNorm1d(C)
        self.norm.running_mean = torch.randn(C)
        self.norm.running_var = torch.rand(C) + 0.5
        self.sigmoid = nn.Sigmoid()

    def forward(self, x: Tensor) -> Tensor:
        styles = torch.stack([x.mean((2, 3)), x.std((2, 3))], 2)
        return x * self.sigmoid(self.norm((styles * self.weight).sum(2)))[:, :, None, None]


class VarianceSRM(SRM):
    """The same on variances, which is another formula."""

    def forward(self, x: Tensor) -> Tensor:
        styles = torch.stack([x.mean((2, 3)), x.var((2, 3))], 2)
        return x * self.sigmoid(self.norm((styles * self.weight).sum(2)))[:, :, None, None]


class ResidualSRM(SRM):
    """Adds the scaled input to the input: its factors are 1 + ω."""

    def forward(self, x: Tensor) -> Tensor:
        return x + super().forward(x)


class ConvSRM(nn.Module):
    """SRM with a convolution of each channel's two values, as most repositories write it."""

    def __init__(self) -> None:
        super().__init__()
        self.cfc = nn.Conv1d(C, C, 2, groups=C, bias=False)
        self.bn = nn.BatchNorm1d(C)

    def forward(self, x: Tensor) -> Tensor:
        flat = x.flatten(2)
        styles = torch.cat([flat.mean(-1).unsqueeze(-1), flat.std(-1).unsqueeze(-1)], -1)
        return x * torch.sigmoid(self.bn(self.cfc(styles))).unsqueeze(-1)


class OfficialSRM(nn.Module):
    """SRM with a small number in the root, and the norm of feature maps."""

    def __init__(self) -> None:
        super().__init__()
        self.cfc = nn.Parameter(torch.zeros(C, 2))
        self.bn = nn.BatchNorm2d(C)
        self.activation = nn.Sigmoid()

    def forward(self, x: Tensor) -> Tensor:
        flat = x.flatten(2)
        spread = (flat.var(2, keepdim=True) + 1e-5).sqrt()
        styles = torch.cat((flat.mean(2, keepdim=True), spread), 2) * self.cfc
        return x * self.activation(self.bn(styles.sum(2)[:, :, None, None]))


class GCT(nn.Module):
    """Gated channel transformation: channels compete by their norm; factors up to 2."""

    def __init__(self) -> None:
        super().__init__()
        self.alpha = nn.Parameter(torch.ones(C))
        self.gamma = nn.Parameter(torch.zeros(C))
        self.beta = nn.Parameter(torch.zeros(C))

    def forward(self, x: Tensor) -> Tensor:
        norms = (x.square().sum((2, 3)) + 1e-5).sqrt() * self.alpha
        shares = norms / (norms.square().mean(1, keepdim=True) + 1e-5).sqrt()
        return x * (1 + torch.tanh(self.gamma * shares + self.beta))[:, :, None, None]


class BareGCT(GCT):
    """Without 1 +: its factors lie between -1 and 1."""

    def forward(self, x: Tensor) -> Tensor:
        norms = (x.square().sum((2, 3)) + 1e-5).sqrt() * self.alpha
        shares = norms / (norms.square().mean(1, keepdim=True) + 1e-5).sqrt()
        return x * torch.tanh(self.gamma * shares + self.beta)[:, :, None, None]


class OfficialGCT(nn.Module):
    """GCT with parameters in the shape of feature maps and a small number of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.alpha = nn.Parameter(torch.ones(1, C, 1, 1))
        self.gamma = nn.Parameter(torch.zeros(1, C, 1, 1))
        self.beta = nn.Parameter(torch.zeros(1, C, 1, 1))
        self.epsilon = 1e-3

    def embed(self, x: Tensor) -> tuple[Tensor, Tensor]:
        norms = (x.pow(2).sum((2, 3), keepdim=True) + self.epsilon).pow(0.5) * self.alpha
        root = (norms.pow(2).mean(dim=1, keepdim=True) + self.epsilon).pow(0.5)
        return norms, self.gamma / root

    def forward(self, x: Tensor) -> Tensor:
        embedding, norm = self.embed(x)
        gate = 1.0 + torch.tanh(embedding * norm + self.beta)
        return x * gate


class AbsoluteGCT(OfficialGCT):
    """GCT on the sum of each channel's absolute values."""

    def embed(self, x: Tensor) -> tuple[Tensor, Tensor]:
        norms = x.abs().sum((2, 3), keepdim=True) * self.alpha
        return norms, self.gamma / (norms.abs().mean(dim=1, keepdim=True) + self.epsilon)


class ModularGCT(OfficialGCT):
    """GCT whose tangent is a module."""

    def __init__(self) -> None:
        super().__init__()
        self.tanh = nn.Tanh()

    def forward(self, x: Tensor) -> Tensor:
        embedding, norm = self.embed(x)
        return x + x * self.tanh(embedding * norm + self.beta)


class ContextBlock(nn.Module):
    """GCNet's block with its fusion by scale."""

    def __init__(self) -> None:
        super().__init__()
        self.conv_mask = nn.Conv2d(C, 1, 1)
        self.softmax = nn.Softmax(dim=2)
        self.channel_mul_conv = nn.Sequential(
            nn.Conv2d(C, 6, 1), nn.LayerNorm([6, 1, 1]), nn.ReLU(inplace=True), nn.Conv2d(6, C, 1)
        )

    def pool(self, x: Tensor) -> Tensor:
        shares = self.softmax(self.conv_mask(x).flatten(2).transpose(1, 2).transpose(1, 2))
        return (x.flatten(2) @ shares.transpose(1, 2)).unsqueeze(-1)

    def forward(self, x: Tensor) -> Tensor:
        return x * torch.sigmoid(self.channel_mul_conv(self.pool(x)))


class FlatContextBlock(ContextBlock):
    """The same with the plain average."""

    def pool(self, x: Tensor) -> Tensor:
        return x.mean((2, 3), keepdim=True)


class CalledECAMLP(nn.Module):
    """ECA with two convolutions whose activations are functions."""

    def __init__(self) -> None:
        super().__init__()
        self.widen = nn.Conv1d(1, 4, 1)
        self.mix = nn.Conv1d(4, 1, 5, padding=2, bias=False)

    def pool(self, x: Tensor) -> Tensor:
        return x.mean((2, 3))

    def forward(self, x: Tensor) -> Tensor:
        y = functional.silu(self.widen(self.pool(x).unsqueeze(1)))
        return x * torch.sigmoid(self.mix(y)).transpose(1, 2).unsqueeze(-1)


class MaxECAMLP(CalledECAMLP):
    """The same on the maximum of each channel."""

    def pool(self, x: Tensor) -> Tensor:
        return x.amax((2, 3))
