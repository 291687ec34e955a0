"""What the networks whose weights are shipped have in common."""

from typing import Any

from eca_viz.locale.texts import text
from eca_viz.networks.spec import NetworkSpec
from eca_viz.paths import ASSETS

# Imagenette's classes, in their order there; pages translate them.
LABELS = (
    text("tench"),
    text("English springer"),
    text("cassette player"),
    text("chain saw"),
    text("church"),
    text("French horn"),
    text("garbage truck"),
    text("gas pump"),
    text("golf ball"),
    text("parachute"),
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
        labels=lambda: tuple(map(str, LABELS)),
        fetch=lambda progress: path,
        on_disk=path.exists,
        **known,
    )
