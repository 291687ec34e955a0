"""Which network a checkpoint of the official ECA-Net repository's layout is of.

Depth, width, kernel sizes and the number of classes are read from the tensors: the released
checkpoints, the repository's constructors and Eq. 12 disagree about k.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from itertools import accumulate, groupby
from typing import Any

from torch import nn

from eca_viz.errors import NetworkError
from eca_viz.locale.texts import text
from eca_viz.networks.architectures.eca_mobilenet import eca_mobilenet_v2
from eca_viz.networks.architectures.eca_resnet import ECABasicBlock, ECABottleneck, ECAResNet
from eca_viz.networks.architectures.resnet import STAGES
from eca_viz.networks.preprocess import Preprocess
from eca_viz.networks.spec import NetworkSpec
from eca_viz.version import require

DEPTHS: dict[tuple[str, tuple[int, ...]], int] = {
    ("basic", (2, 2, 2, 2)): 18,
    ("basic", (3, 4, 6, 3)): 34,
    ("bottleneck", (3, 4, 6, 3)): 50,
    ("bottleneck", (3, 4, 23, 3)): 101,
    ("bottleneck", (3, 8, 36, 3)): 152,
}
MOST_BLOCKS = 400
MOST_TAPS = 999
SOURCE = text("checkpoint in the layout of the official ECA-Net repository (BangguWu/ECANet)")
LICENCE = text("as its file says")

Shapes = Mapping[str, tuple[int, ...]]


def identify(shapes: Shapes) -> NetworkSpec | None:
    """The ECA-ResNet or ECA-MobileNetV2 whose tensors have these names and shapes.

    None where the names are not of that layout, or no kernel is among them. Raises
    NetworkError for a kernel of another shape than (1, 1, k) with odd k.
    """
    if any(re.match(r"layer\d\.\d+\.eca\.conv\.weight$", key) for key in shapes):
        return _resnet(shapes)
    if any(re.match(r"features\.\d+\.conv\.\d\.conv\.weight$", key) for key in shapes):
        return _mobilenet(shapes)
    return None


def imagenet_labels() -> tuple[str, ...]:
    """The names of ImageNet's thousand classes as torchvision has them."""
    require("torchvision", "hub")
    from torchvision.models import ResNet50_Weights  # slow to import

    return tuple(ResNet50_Weights.IMAGENET1K_V1.meta["categories"])


def _spec(title: str, kernels: Sequence[Sequence[int]], **parts: Any) -> NetworkSpec:
    """`kernels` holds the kernel sizes stage by stage."""
    stages = (", ".join(str(k) for k, _ in groupby(stage)) for stage in kernels)
    return NetworkSpec(
        name="",
        title=text("{network} (k = {sizes})", network=title, sizes=", ".join(stages)),
        preprocess=Preprocess(resize=256, crop=224),
        source=SOURCE,
        licence=LICENCE,
        labels=imagenet_labels,
        **parts,
    )


def _resnet(shapes: Shapes) -> NetworkSpec | None:
    found = (re.match(r"layer([1-4])\.(\d+)\.", key) for key in shapes)
    blocks = {(match[1], match[2]) for match in found if match}
    counts = Counter(stage for stage, _ in blocks)
    layers = tuple(counts[str(stage)] for stage in range(1, 5))
    names = [f"{stage}.{b}" for stage, n in zip(STAGES, layers, strict=True) for b in range(n)]
    if min(layers) == 0 or len(names) > MOST_BLOCKS:
        return None
    kernels = [shapes.get(f"{name}.eca.conv.weight") for name in names]
    kind = "bottleneck" if any(key.endswith(".conv3.weight") for key in shapes) else "basic"
    depth = DEPTHS.get((kind, layers))
    title = (
        f"ECA-ResNet-{depth}"
        if depth
        else text("ECA-ResNet {layers} of {kind} blocks", layers=layers, kind=kind)
    )
    sizes = [_kernel_size(name, kernel) for name, kernel in zip(names, kernels, strict=True)]
    ends = list(accumulate(layers))
    return _spec(
        title,
        [sizes[end - n : end] for end, n in zip(ends, layers, strict=True)],
        build=partial(
            _build_resnet,
            ECABottleneck if kind == "bottleneck" else ECABasicBlock,
            layers,
            sizes,
            _groups(shapes) if kind == "bottleneck" else {},
        ),
        head="fc.weight",
        gradcam_layer="layer4",
    )


def _groups(shapes: Shapes) -> dict[str, int]:
    """Groups and width of the 3 × 3 convolutions, as in ResNeXt and wide ResNets."""
    shape = shapes.get("layer1.0.conv2.weight", ())
    if len(shape) != 4 or min(shape) < 1 or shape[0] % shape[1]:
        return {}
    return {"groups": shape[0] // shape[1], "width_per_group": shape[1]}


def _build_resnet(
    block: type[ECABasicBlock] | type[ECABottleneck],
    layers: tuple[int, ...],
    sizes: list[int],
    groups: Mapping[str, int],
    classes: int,
) -> nn.Module:
    return ECAResNet(block, layers, kernel_sizes=sizes, num_classes=classes, **groups)


def _mobilenet(shapes: Shapes) -> NetworkSpec:
    names = [f"features.{n}.conv.{3 if n == 1 else 4}" for n in range(1, 18)]
    kernels = [shapes.get(f"{name}.conv.weight") for name in names]
    sizes = [_kernel_size(name, kernel) for name, kernel in zip(names, kernels, strict=True)]
    return _spec(
        "ECA-MobileNetV2",
        [sizes],
        build=lambda classes: eca_mobilenet_v2(kernel_sizes=sizes, num_classes=classes),
        head="classifier.1.weight",
        gradcam_layer="features",
    )


def _kernel_size(layer: str, shape: tuple[int, ...] | None) -> int:
    """k of a layer; 1 where its kernel is missing, which is said when the weights are laid in."""
    if shape is None:
        return 1
    if len(shape) != 3 or shape[:2] != (1, 1) or shape[2] % 2 == 0:
        raise NetworkError(
            text(
                "the kernel of {layer} has the shape {shape}; an ECA layer's is (1, 1, k) with "
                "odd k",
                layer=layer,
                shape=shape,
            )
        )
    if shape[2] > MOST_TAPS:
        raise NetworkError(
            text(
                "the kernel of {layer} has {taps:,} taps and at most {most} are accepted",
                layer=layer,
                taps=shape[2],
                most=MOST_TAPS,
            )
        )
    return shape[2]
