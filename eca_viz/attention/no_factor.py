"""Attention that has no single factor for each channel, known by the names of its classes."""

import re

from torch import nn

from eca_viz.locale.texts import text

# Patterns of whole class names, and what such a module does instead. The first group holds
# sigmoids and is asked only of modules that do; the second need not hold one.
_ATTENTION = "(attn|attention|att|gate|module|block)*"
_GATED = (
    (
        rf"(simple|light)?(coord|coordinate|strip|efficientlocal|ela){_ATTENTION}",
        text("its factors differ along the rows and the columns of a channel"),
    ),
    (
        rf"(light)?spatial{_ATTENTION}",
        text("it has a factor for each position, the same for all channels"),
    ),
)
_NAMED = (
    (
        rf"(selectivekernel|sk(attn|attention|conv|unit)){_ATTENTION}",
        text("it weighs its branches against each other in each channel"),
    ),
    (
        rf"(split(attn|attention)|splatconv|splatconv2d){_ATTENTION}",
        text("it weighs the splits of a channel against each other"),
    ),
    (rf"simam{_ATTENTION}", text("it has a factor for each position of each channel")),
)


def reason(module: nn.Module, *, gated: bool) -> str:
    """Why a module's attention is not one factor for each channel, as a clause.

    Args:
        module: Any module.
        gated: Whether it holds or calls a sigmoid.

    Returns:
        The clause; empty where the kind is not known by its name.
    """
    name = type(module).__name__.casefold().replace("_", "")
    patterns = (*_GATED, *_NAMED) if gated else _NAMED
    return next((why for pattern, why in patterns if re.fullmatch(pattern, name)), "")
