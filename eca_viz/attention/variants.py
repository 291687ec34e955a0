"""From SE to ECA: every variant of the paper's Table 2, to build and to count.

PyTorch is imported when a layer is built, so that titles, formulas and counts do not wait for it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

from eca_viz.attention import descriptions
from eca_viz.attention.groups import group_count
from eca_viz.errors import NetworkError
from eca_viz.kernel_size import adaptive_kernel_size
from eca_viz.locale.texts import text
from eca_viz.lookup import by_name

if TYPE_CHECKING:
    from torch import nn

SWEPT_KERNELS = (1, 3, 5, 7, 9)

FEW_FOR_SE = text("With fewer than r channels the bottleneck keeps one channel.")
FEW_FOR_GROUPS = text(
    "Groups have equal size, so their number is the largest divisor of C that is not above the "
    "number wanted: each channel is its own group where C is below that number, and there is one "
    "group where C is below the size of a group."
)
FEW_FOR_TAPS = text("Where (k-1)/2 is C or more, the outermost taps multiply padding zeros only.")


@dataclass(frozen=True)
class Sizes:
    """The free sizes beside C: SE's reduction r, SE-GC1's number of groups, and k.

    Without `kernel_size`, ECA-NS follows Eq. 12 on C and an ECA with a fixed k keeps that k.
    With it, both have this k; ECA itself always follows Eq. 12.
    """

    reduction: int = 16
    groups: int = 16
    kernel_size: int | None = None


class PaperResult(NamedTuple):
    """Top-1 and top-5 in per cent of ResNet-50 on ImageNet.

    From the paper's Table 2, whose ECA has k = 3; the result of ECA by Eq. 12 is from Table 3.
    """

    top1: float
    top5: float


@dataclass(frozen=True)
class Variant:
    """One row of the table.

    `formula` and `count` (the parameters of one layer) are LaTeX; `matrix` is the pattern of
    W's nonzero entries; `build` and `parameters` take C and Sizes. `few` explains what is done
    where C is too small for the rule; `paper` is None where the paper's tables have no such row.
    """

    name: str
    title: str
    formula: str
    count: str
    matrix: Literal["none", "diagonal", "full", "low rank", "blocks", "band"]
    build: "Callable[[int, Sizes], nn.Module]"
    parameters: Callable[[int, Sizes], int]
    few: str = ""
    paper: PaperResult | None = None


def _no_attention(channels: int, sizes: Sizes) -> "nn.Module":
    from torch import nn

    return nn.Identity()


def _se(channels: int, sizes: Sizes) -> "nn.Module":
    from eca_viz.attention.mechanisms.se import SELayer

    return SELayer(channels, sizes.reduction)


def _se_var1(channels: int, sizes: Sizes) -> "nn.Module":
    from eca_viz.attention.mechanisms.se_var1 import SEVar1Layer

    return SEVar1Layer()


def _se_var2(channels: int, sizes: Sizes) -> "nn.Module":
    from eca_viz.attention.mechanisms.se_var2 import SEVar2Layer

    return SEVar2Layer(channels)


def _se_var3(channels: int, sizes: Sizes) -> "nn.Module":
    from eca_viz.attention.mechanisms.se_var3 import SEVar3Layer

    return SEVar3Layer(channels)


def _se_gc(channels: int, groups: int) -> "nn.Module":
    from eca_viz.attention.mechanisms.se_gc import SEGCLayer

    return SEGCLayer(channels, groups)


def _eca_ns(channels: int, sizes: Sizes) -> "nn.Module":
    from eca_viz.attention.mechanisms.eca_ns import ECANSLayer

    return ECANSLayer(channels, sizes.kernel_size)


def _eca(channels: int, kernel_size: int | None = None) -> "nn.Module":
    from eca_viz.attention.mechanisms.eca import ECALayer

    return ECALayer(channels, kernel_size)


def _grouped(
    name: str,
    title: str,
    groups: str,
    count: str,
    wanted: Callable[[int, Sizes], int],
    paper: PaperResult,
) -> Variant:
    def number(channels: int, sizes: Sizes) -> int:
        return group_count(channels, wanted(channels, sizes))

    return Variant(
        name=name,
        title=title,
        formula=rf"\omega = \sigma(\mathrm{{GC}}_{{{groups}}}(y))",
        count=count,
        matrix="blocks",
        build=lambda c, sizes: _se_gc(c, number(c, sizes)),
        parameters=lambda c, sizes: c * c // number(c, sizes),
        few=FEW_FOR_GROUPS,
        paper=paper,
    )


def _fixed(k: int, title: str, paper: PaperResult | None = None) -> Variant:
    """ECA with the same k in every layer."""
    return Variant(
        name=f"eca_k{k}",
        title=title,
        formula=descriptions.ECA.formula,
        count="k",
        matrix="band",
        build=lambda c, sizes: _eca(c, sizes.kernel_size or k),
        parameters=lambda c, sizes: sizes.kernel_size or k,
        few=FEW_FOR_TAPS,
        paper=paper,
    )


VARIANTS: tuple[Variant, ...] = (
    Variant(
        name="none",
        title=text("No attention"),
        formula=r"\omega = 1",
        count="0",
        matrix="none",
        build=_no_attention,
        parameters=lambda c, sizes: 0,
        paper=PaperResult(75.20, 92.25),
    ),
    Variant(
        name="se",
        title="SE",
        formula=r"\omega = \sigma(W_2\,\mathrm{ReLU}(W_1 y))",
        count=r"2\,C^2/r",
        matrix="low rank",
        build=_se,
        parameters=lambda c, sizes: 2 * c * max(1, c // sizes.reduction),
        few=FEW_FOR_SE,
        paper=PaperResult(76.71, 93.38),
    ),
    Variant(
        name="se_var1",
        title="SE-Var1",
        formula=descriptions.SE_VAR1.formula,
        count="0",
        matrix="diagonal",
        build=_se_var1,
        parameters=lambda c, sizes: 0,
        paper=PaperResult(76.00, 92.90),
    ),
    Variant(
        name="se_var2",
        title="SE-Var2",
        formula=descriptions.SE_VAR2.formula,
        count="C",
        matrix="diagonal",
        build=_se_var2,
        parameters=lambda c, sizes: c,
        paper=PaperResult(77.07, 93.31),
    ),
    Variant(
        name="se_var3",
        title="SE-Var3",
        formula=descriptions.SE_VAR3.formula,
        count="C^2",
        matrix="full",
        build=_se_var3,
        parameters=lambda c, sizes: c * c,
        paper=PaperResult(77.42, 93.64),
    ),
    _grouped(
        "se_gc1",
        "SE-GC1",
        "G",
        "C^2/G",
        lambda c, sizes: sizes.groups,
        PaperResult(76.95, 93.47),
    ),
    _grouped("se_gc2", "SE-GC2", "C/16", "16\\,C", lambda c, _: c // 16, PaperResult(76.98, 93.31)),
    _grouped("se_gc3", "SE-GC3", "C/8", "8\\,C", lambda c, _: c // 8, PaperResult(76.96, 93.38)),
    Variant(
        name="eca_ns",
        title="ECA-NS",
        formula=descriptions.ECA_NS.formula,
        count=r"k\,C",
        matrix="band",
        build=_eca_ns,
        parameters=lambda c, sizes: c * (sizes.kernel_size or adaptive_kernel_size(c)),
        few=FEW_FOR_TAPS,
        paper=PaperResult(77.35, 93.61),
    ),
    Variant(
        name="eca",
        title="ECA",
        formula=r"\omega = \sigma(\mathrm{C1D}_{k(C)}(y))",
        count="k(C)",
        matrix="band",
        build=lambda c, sizes: _eca(c),
        parameters=lambda c, sizes: adaptive_kernel_size(c),
        few=FEW_FOR_TAPS,
        paper=PaperResult(77.48, 93.68),
    ),
    _fixed(3, text("ECA, fixed k"), PaperResult(77.43, 93.65)),
)

SWEEP: tuple[Variant, ...] = tuple(
    _fixed(k, f"ECA, k = {k}")
    for k in SWEPT_KERNELS
    if f"eca_k{k}" not in {v.name for v in VARIANTS}
)

# The kernel sizes of the paper's Figure 4, in every layer alike.
SWEPT: tuple[str, ...] = tuple(f"eca_k{k}" for k in SWEPT_KERNELS)


def find_variant(name: str) -> Variant:
    """The variant with this name; raises NetworkError with the valid names for any other."""
    sentence = text("no attention is called {name!r}; the kinds are: {names}")
    return by_name(VARIANTS + SWEEP, name, NetworkError, sentence)
