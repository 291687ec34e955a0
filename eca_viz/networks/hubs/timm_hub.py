"""Networks of timm: found in its registry, described by its metadata, loaded from its hub."""

import difflib
from functools import cache, partial
from math import floor
from pathlib import Path
from typing import Any

import timm
from PIL import Image
from timm.data.config import resolve_data_config
from timm.data.imagenet_info import ImageNetInfo, infer_imagenet_subset
from torch import nn

from eca_viz.errors import NetworkError
from eca_viz.locale.texts import text
from eca_viz.networks import table
from eca_viz.networks.hubs.caches import hub_file
from eca_viz.networks.hubs.download import fetch_from_hub
from eca_viz.networks.hubs.lookup import TIMM as PREFIX
from eca_viz.networks.preprocess import Preprocess
from eca_viz.networks.shapes_only import ShapesOnly
from eca_viz.networks.spec import NetworkSpec
from eca_viz.progress import Progress


@cache
def names() -> tuple[str, ...]:
    """Every timm network with ECA layers, once for each set of pretrained weights.

    timm names networks after their attention; a test builds its whole registry to see that
    none has ECA without saying so.
    """
    found: list[str] = []
    for architecture in timm.list_models("*eca*"):
        tags = timm.list_models(f"{architecture}.*", pretrained=True, include_tags=True)
        found += tags or [architecture]
    return tuple(PREFIX + name for name in found)


@cache
def find_network(name: str) -> NetworkSpec:
    """A timm network by its name there, after `timm:`, with or without a tag.

    Raises NetworkError for a name that timm does not know, with those nearest to it.
    """
    bare = name.removeprefix(PREFIX)
    known = timm.is_model(bare.partition(".")[0])
    try:
        config = timm.get_pretrained_cfg(bare) if known else None
    except RuntimeError:  # a tag that the network does not have
        config = None
    if config is None:
        everything = [other.removeprefix(PREFIX) for other in table.names(PREFIX)]
        near = difflib.get_close_matches(bare, [*everything, *timm.list_models()], n=4, cutoff=0.5)
        hint = ", ".join(PREFIX + other for other in near) or "python -m eca_viz networks"
        raise NetworkError(text("timm has no network {name!r}; see {hint}", name=bare, hint=hint))
    repository = config.hf_hub_id
    title = bare if "." in bare or not repository else f"{bare}.{config.tag}"
    return NetworkSpec(
        name=PREFIX + title,
        title=title,
        build=partial(_build, bare),
        head=f"{config.classifier}.weight",
        preprocess=_preprocess(config),
        gradcam_layer=_last_stage(bare),
        source=f"timm {timm.__version__}" + (f", hub {repository}" if repository else ""),
        licence=config.license or text("not stated"),
        classes=config.num_classes,
        labels=partial(_labels, bare),
        fetch=partial(_fetch, repository, title) if repository else None,
        on_disk=lambda: repository is not None and hub_file(repository) is not None,
    )


def weights_of(name: str) -> str:
    """The repository of the Hugging Face hub with a network's weights, empty where none is."""
    config = timm.get_pretrained_cfg(name.removeprefix(PREFIX))
    return (config and config.hf_hub_id) or ""


def _build(name: str, classes: int) -> nn.Module:
    model: nn.Module = timm.create_model(name, pretrained=False, num_classes=classes)
    return model


def _fetch(repository: str, title: str, progress: Progress) -> Path:
    return fetch_from_hub(repository, title, progress)


def _preprocess(config: Any) -> Preprocess:
    """As timm's own evaluation transform: shorter side to crop / crop_pct, centre crop."""
    settings: Any = resolve_data_config(pretrained_cfg=config.to_dict())  # type: ignore[no-untyped-call]
    crop = settings["input_size"][-1]
    return Preprocess(
        resize=floor(crop / settings["crop_pct"]),
        crop=crop,
        mean=tuple(settings["mean"]),
        std=tuple(settings["std"]),
        interpolation=Image.Resampling[settings["interpolation"].upper()],
    )


def _last_stage(name: str) -> str:
    """The module behind the last stage, as timm's feature extraction knows it."""
    with ShapesOnly():
        model = timm.create_model(name, pretrained=False)
    stages: Any = getattr(model, "feature_info", None)
    return str(stages[-1]["module"]) if stages else ""


def _labels(name: str) -> tuple[str, ...]:
    """The first of the words that timm's metadata has for each class."""
    config = timm.get_pretrained_cfg(name)
    subset = infer_imagenet_subset(config) if config else None
    if subset is None:
        return ()
    info = ImageNetInfo(subset)
    count = info.num_classes()  # type: ignore[no-untyped-call]
    return tuple(info.index_to_description(index).split(",")[0] for index in range(count))
