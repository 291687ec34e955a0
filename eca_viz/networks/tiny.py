"""The ablation's networks of seed 0: one small ResNet with each of the paper's mechanisms."""

from functools import partial

from eca_viz.attention.variants import find_variant
from eca_viz.networks.base import NetworkSpec, Preprocess
from eca_viz.networks.imagenette import LABELS
from eca_viz.networks.resnet_tiny import SIDE, TinyResNet, network_name
from eca_viz.paths import ASSETS

# Attention, digest of its weights, top-1 as in the table of all runs.
TRAINED: tuple[tuple[str, str, float], ...] = (
    (
        "none",
        "c8507172b7014762dd8d620c67812045992e1d566a4d158671b331f94414032e",
        0.8038,
    ),
    (
        "se",
        "e5eeeccfc95473dc1f48eed076578cfcc20ae2362ef88cce27ec1338923ad50b",
        0.8104,
    ),
    (
        "se_var1",
        "106d802be20c297b35eb51c8d1f9ccabd25cf76abf98f96fc0df564a82f4f0aa",
        0.8064,
    ),
    (
        "se_var2",
        "4e2a252784dd75dcb2d78c05e562e44b2010dfd1f1f8c737bf9ca338e2101e20",
        0.8224,
    ),
)


def _spec(attention: str, sha256: str, accuracy: float) -> NetworkSpec:
    name = network_name(attention)
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
    return {attention: network_name(attention) for attention, _, _ in TRAINED}
