"""The ablation's networks of seed 0: one small ResNet with each of the paper's mechanisms."""

from functools import partial
from typing import TYPE_CHECKING

from eca_viz.attention.variants import find_variant
from eca_viz.locale.texts import text
from eca_viz.networks.bundled.shipped import shipped
from eca_viz.networks.preprocess import Preprocess
from eca_viz.networks.spec import NetworkSpec

if TYPE_CHECKING:
    from torch import nn

# Side length of the input in pixels.
SIDE = 128

# Attention, digest of its weights, top-1 as in the table of all runs.
TRAINED: tuple[tuple[str, str, float], ...] = (
    (
        "none",
        "260addea8c7c1b1ed76ce8c2db5d9ae7791dc4fd9e6df45c101f06cdac36de9a",
        0.8038,
    ),
    (
        "se",
        "f25797eb4e84d9a7013e67e3e0d50b24adcb670e29727c13548fa8d5edd6f473",
        0.8104,
    ),
    (
        "se_var1",
        "f2f125b47ad4f6fa6fc3528970aac8d387ef5f1a19e061384114367b4ea2fd0d",
        0.8064,
    ),
    (
        "se_var2",
        "85485b02bfabb934db008dc1a8bb18ce1e704ad4581098b30e9fa33753ad9bd0",
        0.8224,
    ),
    (
        "se_var3",
        "2293a291d24126e3d5afe9752854b7c1adbb946412c06758c72ad2422c155585",
        0.8183,
    ),
    (
        "se_gc1",
        "dfd6e1560829cedf3f9bcb6ad5fb65915e5758b17452409fe4d11a004b2f835f",
        0.8201,
    ),
    (
        "se_gc2",
        "ed00ae22680c41ca46dbf00743d3e97ca399906b25ed063fdaddae7f9848a62c",
        0.8206,
    ),
    (
        "se_gc3",
        "e26b617df83c6554d2a4b3e0c8016f470966b3631174a9fd3beca34717de2942",
        0.8094,
    ),
    (
        "eca_ns",
        "6a308a80032608c477b684cf3f9233238602c31c449c39f6d41298ad3d5855ad",
        0.8117,
    ),
    (
        "eca",
        "fceb47f4fbd30bd0dc2d1653a9b5f9047abbaada4ccdcd91d2ea74e09db20ef5",
        0.8237,
    ),
    (
        "eca_k3",
        "d77a5fdee4b14b10bd421b71eb32090549199ebb40b074acff604880301f97cd",
        0.8224,
    ),
)


def network_name(attention: str) -> str:
    """What a network with this attention is called where it is shipped."""
    return f"resnet_tiny_{attention}"


def _build(attention: str, classes: int) -> "nn.Module":
    from eca_viz.networks.architectures.ablation_resnet import TinyResNet

    return TinyResNet(attention, classes)


def _spec(attention: str, sha256: str, accuracy: float) -> NetworkSpec:
    return shipped(
        name=network_name(attention),
        title=text(
            "Tiny ResNet · {attention} · Imagenette", attention=find_variant(attention).title
        ),
        build=partial(_build, attention),
        preprocess=Preprocess(resize=SIDE, crop=SIDE),
        sha256=sha256,
        source=text(
            "trained from scratch by python -m eca_viz ablate on Imagenette (fast.ai), seed 0"
        ),
        accuracy=accuracy,
    )


TINY_NETWORKS: tuple[NetworkSpec, ...] = tuple(_spec(*row) for row in TRAINED)


def trained_variants() -> dict[str, str]:
    """The name of each shipped network by that of its attention, in the table's order."""
    return {attention: network_name(attention) for attention, _, _ in TRAINED}
