"""What should be read of each attention layer, as libraries and people write them."""

from collections.abc import Callable
from typing import NamedTuple

from timm.layers import CecaModule, GatherExcite, create_attn
from timm.layers.cbam import ChannelAttn, LightChannelAttn, SpatialAttn
from torch import nn
from torchvision.ops import SqueezeExcitation

from eca_viz.attention.mechanisms.eca import ECALayer
from eca_viz.attention.mechanisms.se import SELayer
from tests.factories import LookAlike, SEInSequential
from tests.layers import (
    C,
    CalledECA,
    CalledSE,
    ChainedECA,
    ECA1d,
    ECAOnBoth,
    ECAOnPowers,
    FrequencySE,
    GateECA,
    GateOnly,
    GatherExciteSE,
    HardECA,
    InPlaceECA,
    MaxECA,
    MaximumFirst,
    MethodECA,
    OfficialECANS,
    OutECA,
    PositionGate,
    ResidualECA,
    ScaledSE,
    SE3d,
    SquareECA,
    SqueezedSE,
    SwishSE,
)
from tests.layers_by_output import (
    GCT,
    SRM,
    AbsoluteGCT,
    BareGCT,
    CalledECAMLP,
    ContextBlock,
    ConvSRM,
    FlatContextBlock,
    MaxECAMLP,
    ModularGCT,
    OfficialGCT,
    OfficialSRM,
    ResidualSRM,
    VarianceSRM,
)


class Case(NamedTuple):
    """A layer, and what should be read of it.

    `mechanism` is that of the record, "" where there is none; `pooling` what y is; `verified`
    "formula" or "weights", or "unread" where the layer must be named instead.
    """

    title: str
    build: Callable[[], nn.Module]
    mechanism: str
    pooling: str = "average"
    verified: str = "formula"
    shape: tuple[int, ...] = (C, 9, 7)


def _timm(name: str, **settings: object) -> Callable[[], nn.Module]:
    def build() -> nn.Module:
        module: nn.Module = create_attn(name, C, **settings)
        return module

    return build


CASES: tuple[Case, ...] = (
    Case("ours, ECA", lambda: ECALayer(C), "eca"),
    Case("ours, SE", lambda: SELayer(C, 4), "se"),
    Case("by hand, ECA of modules", LookAlike, "eca"),
    Case("by hand, ECA that calls torch.sigmoid", CalledECA, "eca"),
    Case("by hand, ECA that calls F.hardsigmoid", HardECA, "eca"),
    Case("by hand, ECA in place", InPlaceECA, "eca"),
    Case("by hand, ECA that calls x.sigmoid", MethodECA, "eca"),
    Case("by hand, ECA that runs its children in a loop", ChainedECA, "eca"),
    Case("by hand, SE in a Sequential", lambda: SEInSequential(C, 4), "se"),
    Case("by hand, SE that calls its activations", CalledSE, "se"),
    Case("by hand, SE with a Swish that calls a sigmoid", SwishSE, "se"),
    Case("by hand, SE that squeezes the batch", SqueezedSE, "se"),
    Case("by hand, CBAM's channel part", GateOnly, "cbam"),
    Case("by hand, the maximum first", MaximumFirst, "cbam"),
    Case("by hand, ECA on average and maximum", lambda: ECAOnBoth(C), "eca_max"),
    Case("by hand, ECA on the maximum", MaxECA, "eca", "maximum"),
    Case("by hand, FcaNet's layer", FrequencySE, "se", "DCT"),
    Case("by hand, ECA on sequences", ECA1d, "eca", shape=(C, 9)),
    Case("by hand, SE on volumes", SE3d, "se", shape=(C, 5, 4, 3)),
    Case("by hand, ECA on mean squares", lambda: ECAOnPowers(C), "gate", verified="weights"),
    Case("by hand, SE with a factor on z", lambda: ScaledSE(C, 4), "gate", verified="weights"),
    Case("by hand, x + x ω", lambda: ResidualECA(C), "", verified="unread"),
    Case("by hand, x ω²", SquareECA, "", verified="unread"),
    Case("by hand, ECA with out=", OutECA, "", verified="unread"),
    Case("by hand, over positions", PositionGate, "", verified="unread"),
    Case("by hand, ECA of a bare parameter", GateECA, "gate", verified="weights"),
    Case("by hand, ECA-NS as in the official code", OfficialECANS, "eca_ns"),
    Case("by hand, SRM", SRM, "srm"),
    Case("by hand, SRM of a convolution", ConvSRM, "srm"),
    Case("by hand, SRM as in the official code", OfficialSRM, "srm"),
    Case("by hand, SRM on variances", VarianceSRM, "gate", verified="weights"),
    Case("by hand, x + x ω of SRM", ResidualSRM, "gate", verified="weights"),
    Case("by hand, GCT with 1 + tanh", GCT, "gct", "l2 norm"),
    Case("by hand, GCT as in the official code", OfficialGCT, "gct", "l2 norm"),
    Case("by hand, GCT of modules", ModularGCT, "gct", "l2 norm"),
    Case("by hand, GCT on absolute values", AbsoluteGCT, "gate", verified="weights"),
    Case("by hand, GCT without 1 +", BareGCT, "gate", verified="weights"),
    Case("torchvision, SqueezeExcitation", lambda: SqueezeExcitation(C, 6), "se"),
    Case("timm, eca", _timm("eca"), "eca"),
    Case("timm, ceca", lambda: CecaModule(C, kernel_size=5), "ceca"),
    Case("timm, ecam", _timm("ecam"), "eca_mlp"),
    Case("timm, se", _timm("se"), "se"),
    Case("timm, se with maximum", _timm("se", add_maxpool=True), "se", "half of each"),
    Case("timm, ese", _timm("ese"), "se_var3"),
    Case("timm, ChannelAttn of cbam", lambda: ChannelAttn(C, 1 / 4), "cbam"),
    Case("timm, LightChannelAttn", lambda: LightChannelAttn(C, 1 / 4), "se", "half of each"),
    Case("timm, SpatialAttn of cbam", SpatialAttn, "", verified="unread"),
    Case("timm, ge with its MLP", GatherExciteSE, "se"),
    Case("timm, ge without an MLP", lambda: GatherExcite(C, use_mlp=False), "se_var1"),
    Case("timm, gc", _timm("gc"), "global_context", "weighted average"),
    Case("by hand, GCNet's block", ContextBlock, "global_context", "weighted average"),
    Case("by hand, GCNet's block on mean scores", FlatContextBlock, "gate", verified="weights"),
    Case("by hand, ECA with an MLP that calls its activations", CalledECAMLP, "eca_mlp"),
    Case("by hand, ECA with an MLP on the maximum", MaxECAMLP, "gate", verified="weights"),
    Case("timm, gca", _timm("gca"), "", verified="unread"),
)
