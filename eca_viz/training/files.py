"""The files that a training leaves: trained weights and mean gates, with their metadata."""

import dataclasses
import datetime
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import nn

from eca_viz.networks.files.trusted import write_weights
from eca_viz.networks.spec import Network
from eca_viz.records import Floats
from eca_viz.storage.shipped_arrays import write_arrays
from eca_viz.training.recipe import Recipe
from eca_viz.version import versions


def write_trained(
    module: nn.Module,
    path: Path,
    *,
    network: str,
    labels: Sequence[str],
    recipe: Recipe,
    seed: int,
    top1: float,
    **more: Any,
) -> None:
    """Writes trained weights as fp16, with all that made them as JSON metadata.

    Args:
        module: The trained network.
        path: The safetensors file.
        network: The network's name.
        labels: Names of its classes.
        recipe: What it was trained by.
        seed: Of its initial weights and its batches.
        top1: Share in [0, 1] of validation images whose best class is right.
        more: Further entries of the metadata that JSON can hold.
    """
    metadata = {
        "network": network,
        "labels": list(labels),
        "data": "Imagenette v2, 160 px edition: training images only",
        "recipe": dataclasses.asdict(recipe),
        "seed": seed,
        "top1": round(top1, 4),
        **more,
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "versions": dict(versions()),
    }
    write_weights(module, path, metadata)


def write_gates(
    gates: Mapping[str, Floats], path: Path, network: Network, source: str, images: int
) -> None:
    """Writes the mean gates of a network, with the digest of the weights that they belong to.

    Args:
        gates: Mean gate of every channel, (channels,), by layer.
        path: The safetensors file.
        network: The network that was measured.
        source: The reference set in words.
        images: How many images it holds.
    """
    about = {
        "network_sha256": network.record.sha256,
        "source": source,
        "photographs": str(images),
        "torch": torch.__version__,
    }
    write_arrays(gates, path, about)
