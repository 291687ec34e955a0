"""What the networks whose weights are shipped have in common."""

from typing import Any

from eca_viz.networks.spec import NetworkSpec
from eca_viz.paths import ASSETS

# Imagenette's classes, in their order there.
LABELS = (
    "tench",
    "English springer",
    "cassette player",
    "chain saw",
    "church",
    "French horn",
    "garbage truck",
    "gas pump",
    "golf ball",
    "parachute",
)


def shipped(*, name: str, **known: Any) -> NetworkSpec:
    """The spec of a network trained on Imagenette whose weights lie in assets/weights.

    Args:
        name: Its name, which is also that of its file.
        known: The other fields of NetworkSpec: title, build, preprocess, sha256, source, accuracy.

    Returns:
        The spec; its labels are Imagenette's.
    """
    path = ASSETS / "weights" / f"{name}.safetensors"
    return NetworkSpec(
        name=name,
        head="fc.weight",
        gradcam_layer="layer4",
        licence="MIT",
        classes=len(LABELS),
        labels=lambda: LABELS,
        fetch=lambda progress: path,
        on_disk=path.exists,
        **known,
    )
