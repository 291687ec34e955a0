"""What the address of a page holds where a step of the lesson opens it, in English."""

from eca_viz.ui import state
from eca_viz.ui.lesson.material import Material

ATTENTION, MECHANISMS, KERNELS = "Attention", "Mechanisms", "Kernels"
WHAT_IF, CLASSES = "What if", "Classes"


def maps(material: Material) -> dict[str, str]:
    """The feature maps of the channel with the largest gate."""
    return _channel(material.first.layer, material.extremes[0], "Feature maps")


def descriptor(material: Material) -> dict[str, str]:
    """The layer of the channel with the largest mean."""
    return _channel(material.first.layer, material.most, "Layer")


def strongest(material: Material) -> dict[str, str]:
    """The arithmetic of the largest gate."""
    return _channel(material.widest.layer, material.strongest, "Channel step by step")


def ones(material: Material) -> dict[str, str]:
    """All gates 1."""
    from eca_viz.gates.kinds import find_kind  # imports PyTorch, which the first steps do without

    return {state.CHANGE_KIND: find_kind("ones").title}


def effects(material: Material) -> dict[str, str]:
    """The effects of the last layer's gates."""
    return {
        state.LAYER: material.explanation.attention[-1].layer,
        state.WHAT_IF_TAB: "Which gates matter",
    }


def _channel(layer: str, channel: int, tab: str) -> dict[str, str]:
    return {state.LAYER: layer, state.CHANNEL: str(channel), state.ATTENTION_TAB: tab}
