"""Makes the table of networks from what is bundled and from timm's and torchvision's registries."""

import dataclasses
import json
from pathlib import Path

from torch import nn

from eca_viz.attention.discovery import find_attention
from eca_viz.networks.hubs.lookup import PREFIXES, hub_of
from eca_viz.networks.registry import NETWORKS, find_network, is_bundled
from eca_viz.networks.spec import NetworkSpec
from eca_viz.networks.table import Listed
from eca_viz.storage.scratch import replacing


def every_name() -> list[str]:
    """All names: bundled, of timm's networks with ECA, of torchvision's with SE."""
    hubs = [name for prefix in PREFIXES for name in hub_of(prefix).names()]
    return [spec.name for spec in NETWORKS] + hubs


def listed(spec: NetworkSpec, outline: nn.Module) -> Listed:
    """The row of a network that has a name; `outline` is that of the specification."""
    layers = find_attention(outline)
    return Listed(
        name=spec.name,
        title=spec.title,
        classes=spec.classes,
        input=spec.preprocess.crop,
        layers=len(layers),
        kinds=tuple(dict.fromkeys(layer.mechanism.name for layer in layers)),
        kernel_sizes=tuple(sorted({layer.kernel_size for layer in layers if layer.kernel_size})),
        parameters=sum(parameter.numel() for parameter in outline.parameters()),
        top1=spec.accuracy,
        licence=spec.licence,
        source=spec.source,
        weights=_weights(spec),
    )


def _weights(spec: NetworkSpec) -> str:
    if is_bundled(spec.name):
        return f"weights/{spec.name}.safetensors"
    location: str = hub_of(spec.name).weights_of(spec.name)
    return location


def write_table(path: Path) -> None:
    """Builds every network once, without memory for its tensors, and writes a line for each."""
    rows = []
    for spec in map(find_network, every_name()):
        row = dataclasses.asdict(listed(spec, spec.outline()))
        rows.append(json.dumps(row, ensure_ascii=False))
    with replacing(path) as partial:
        partial.write_text("[\n" + ",\n".join(rows) + "\n]\n", encoding="utf-8")
