"""Attention that has no single factor for each channel, known by the names of its classes."""

import re

from torch import nn

# Patterns of class names, and what such a module does instead. The first group holds sigmoids and
# is asked only of modules that do; the second weighs by a softmax or calls its sigmoid elsewhere.
_GATED = (
    (
        r"coord|strip|efficientlocalattn",
        "its factors differ along the rows and the columns of a channel",
    ),
    (r"spatial", "it has a factor for each position, the same for all channels"),
)
_NAMED = (
    (
        r"selectivekernel(attn)?|skconv\w*|skattention|skunit",
        "it weighs its branches against each other in each channel",
    ),
    (
        r"splitattn\w*|splatconv\w*|splitattention\w*",
        "it weighs the splits of a channel against each other",
    ),
    (r"simam\w*", "it has a factor for each position of each channel"),
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
    if gated:
        for pattern, why in _GATED:
            if re.search(pattern, name):
                return why
    return next((why for pattern, why in _NAMED if re.fullmatch(pattern, name)), "")
