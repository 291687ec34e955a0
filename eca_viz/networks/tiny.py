"""The ablation's networks of seed 0: one small ResNet with each of the paper's mechanisms."""

from functools import partial

from eca_viz.attention.variants import find_variant
from eca_viz.networks.base import NetworkSpec, Preprocess
from eca_viz.networks.imagenette import LABELS
from eca_viz.networks.resnet_tiny import SIDE, TinyResNet
from eca_viz.paths import ASSETS

PREFIX = "resnet_tiny_"

# Attention, digest of its weights, top-1 as in the table of all runs.
TRAINED: tuple[tuple[str, str, float], ...] = (
    (
        "none",
        "4c63309b2c8f80eb551f03d52800a8a178457cd8ce63f7811a788f9fced7a453",
        0.8038,
    ),
    (
        "se",
        "a46f2863e3db940360b6ed2a815399ac5be5ca15086cf992f69628fa4f6d8f86",
        0.8104,
    ),
)


def _spec(attention: str, sha256: str, accuracy: float) -> NetworkSpec:
    name = PREFIX + attention
    return NetworkSpec(
        name=name,
        title=f"Tiny ResNet · {find_variant(attention).title} · Imagenette",
        build=partial(TinyResNet, attention, len(LABELS)),
        preprocess=Preprocess(resize=SIDE, crop=SIDE),
        labels=LABELS,
        checkpoint=ASSETS / "weights" / f"{name}.safetensors",
        sha256=sha256,
        gradcam_layer="layer4",
        source="trained from scratch by python -m eca_viz ablate on Imagenette (fast.ai), seed 0",
        licence="MIT",
        accuracy=accuracy,
    )


TINY_NETWORKS: tuple[NetworkSpec, ...] = tuple(_spec(*row) for row in TRAINED)


def trained_variants() -> dict[str, str]:
    """The name of each shipped network by that of its attention, in the table's order."""
    return {spec.name.removeprefix(PREFIX): spec.name for spec in TINY_NETWORKS}
