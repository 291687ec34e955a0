"""torchvision's networks with channel attention: MobileNetV3, EfficientNet, RegNet-Y."""

import difflib
import sys
from functools import cache, partial
from typing import Any

import torchvision
from PIL import Image
from torch import nn
from torchvision import models
from torchvision.ops import SqueezeExcitation

from eca_viz.errors import NetworkError
from eca_viz.locale.texts import text
from eca_viz.networks.hubs.caches import url_file
from eca_viz.networks.hubs.download import fetch_url
from eca_viz.networks.hubs.lookup import TORCHVISION as PREFIX
from eca_viz.networks.preprocess import Preprocess
from eca_viz.networks.shapes_only import ShapesOnly
from eca_viz.networks.spec import NetworkSpec

# A network's last stage ends one of these modules.
FEATURES = ("features", "trunk_output", "blocks")


@cache
def names() -> tuple[str, ...]:
    """Every classification network of torchvision that holds a SqueezeExcitation layer."""
    found = []
    for name in models.list_models(module=models):
        family = sys.modules[models.get_model_builder(name).__module__]
        if SqueezeExcitation not in vars(family).values():
            continue
        with ShapesOnly():
            model = models.get_model(name)
        if any(isinstance(module, SqueezeExcitation) for module in model.modules()):
            found.append(PREFIX + name)
    return tuple(found)


@cache
def find_network(name: str) -> NetworkSpec:
    """A torchvision network by its name there, after `torchvision:`, with its default weights.

    Raises NetworkError for a name that torchvision does not know, with those nearest to it.
    """
    bare = name.removeprefix(PREFIX)
    known = models.list_models(module=models)
    if bare not in known:
        near = difflib.get_close_matches(bare, known, n=4, cutoff=0.5)
        hint = ", ".join(PREFIX + other for other in near) or "python -m eca_viz networks"
        raise NetworkError(
            text(
                "torchvision has no classification network {name!r}; see {hint}",
                name=bare,
                hint=hint,
            )
        )
    weights = models.get_model_weights(bare).DEFAULT
    with ShapesOnly():
        outline = models.get_model(bare)
    linear = [part for part, module in outline.named_modules() if isinstance(module, nn.Linear)]
    title = f"{bare} · {weights.name}"
    return NetworkSpec(
        name=PREFIX + bare,
        title=title,
        build=partial(_build, bare),
        head=f"{linear[-1]}.weight" if linear else "",
        preprocess=_preprocess(weights.transforms()),
        gradcam_layer=_last_stage(outline),
        source=f"torchvision {torchvision.__version__}, {weights.url}",
        licence="BSD-3-Clause (torchvision)",
        labels=lambda: tuple(weights.meta["categories"]),
        fetch=lambda report: fetch_url(weights.url, title, report),
        on_disk=lambda: url_file(weights.url) is not None,
    )


def weights_of(name: str) -> str:
    """The address of a network's default weights."""
    return str(models.get_model_weights(name.removeprefix(PREFIX)).DEFAULT.url)


def _build(name: str, classes: int) -> nn.Module:
    model: nn.Module = models.get_model(name, num_classes=classes)
    return model


def _last_stage(model: nn.Module) -> str:
    for name, part in model.named_children():
        if name in FEATURES:
            return f"{name}.{len(part) - 1}" if isinstance(part, nn.ModuleList) else name
    return ""


def _preprocess(transforms: Any) -> Preprocess:
    return Preprocess(
        resize=transforms.resize_size[0],
        crop=transforms.crop_size[0],
        mean=tuple(transforms.mean),
        std=tuple(transforms.std),
        interpolation=Image.Resampling[transforms.interpolation.value.upper()],
    )
