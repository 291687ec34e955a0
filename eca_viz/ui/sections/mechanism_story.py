"""The road from no attention to ECA: its order, and what each step changed and taught."""

from collections.abc import Mapping
from typing import TypeVar

from eca_viz.attention.variants import Sizes, Variant, find_variant
from eca_viz.locale.texts import Text, text, tr

T = TypeVar("T")

# By the name of a mechanism, in the order of the road: what changed since the step before, and
# what the paper's accuracies taught of it.
STEPS: dict[str, Text] = {
    "none": text("The start: every gate is 1, so every channel passes as it is."),
    "se": text("All channels through a bottleneck of C/r values: attention helps."),
    "se_var1": text("No parameter, each gate from its own y: helps too, but less."),
    "se_var2": text("A weight for each channel, no bottleneck: better than SE."),
    "se_var3": text("Every gate sees every channel: better still, for C² parameters."),
    "se_gc1": text("Only G groups, apart from each other: no better than SE-Var2."),
    "se_gc2": text("Groups of 16 channels, whatever C is: the same accuracy."),
    "se_gc3": text("Groups of 8 channels: so the groups' size is not what matters."),
    "eca_ns": text("k neighbours of each channel in place of groups: overlap helps."),
    "eca_k3": text("All channels share k taps: k parameters do as well as k C."),
    "eca": text("k grows with C by Eq. 12: wide layers have wider windows."),
}
VARIANTS: tuple[Variant, ...] = tuple(find_variant(name) for name in STEPS)
TITLES: dict[str, str] = {variant.name: variant.title for variant in VARIANTS}


def in_order(found: Mapping[str, T]) -> dict[str, T]:
    """The entries of mechanisms on the road, in its order."""
    return {name: found[name] for name in STEPS if name in found}


def used(variant: Variant, sizes: Sizes) -> Sizes:
    """The sizes that the mechanism depends on; the others as they are by default."""
    if variant.matrix == "low rank":
        return Sizes(reduction=sizes.reduction)
    if variant.name == "se_gc1":
        return Sizes(groups=sizes.groups)
    if variant.name in {"eca_ns", "eca_k3"}:
        return Sizes(kernel_size=sizes.kernel_size)
    return Sizes()


def count(variant: Variant, channels: int, sizes: Sizes) -> str:
    """The formula behind the number of parameters with the sizes that are used, as LaTeX.

    Where C is too small for r or G, it is the formula of the layer that is built then.

    Args:
        variant: the mechanism.
        channels: C.
        sizes: what is wanted beside C.

    Returns:
        Markdown.
    """
    parameters = variant.parameters(channels, sizes)
    if variant.matrix == "low rank":
        values = parameters // (2 * channels)
        fits = values * sizes.reduction == channels
        return rf"$2\,C^2/r$, $r = {sizes.reduction}$" if fits else tr(r"$2\,C$, as $C < r$")
    if variant.matrix == "blocks":
        return _count_of_groups(variant, channels, sizes)
    if variant.matrix == "band":
        k = parameters // channels if variant.name == "eca_ns" else parameters
        return rf"$k\,C$, $k = {k}$" if variant.name == "eca_ns" else rf"${variant.count} = {k}$"
    return rf"${variant.count}$" if parameters else tr("nothing to learn")


def _count_of_groups(variant: Variant, channels: int, sizes: Sizes) -> str:
    parameters = variant.parameters(channels, sizes)
    wide = {"se_gc2": 16, "se_gc3": 8}.get(variant.name)
    rule = channels**2 // sizes.groups if wide is None else wide * channels
    groups = channels**2 // parameters
    if parameters == rule:
        return rf"${variant.count}$, $G = {groups}$"
    return tr(
        r"$C^2/{groups}$, as $C < {bound}$", groups=groups, bound="G" if wide is None else wide
    )
