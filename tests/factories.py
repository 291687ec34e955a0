"""Builders that tests share: images, records, networks, weight files and small data sets."""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from safetensors.torch import save_file
from torch import Tensor, nn

from eca_viz.attention.mechanisms.eca import ECALayer
from eca_viz.networks.preprocess import Preprocess
from eca_viz.networks.spec import Network, NetworkSpec
from eca_viz.records import (
    Explanation,
    ImageInput,
    LayerAttention,
    MapScore,
    NetworkRecord,
    Prediction,
    Row,
    SaliencyMap,
    Scorecard,
    as_floats,
)
from eca_viz.training.plan import Run
from eca_viz.training.recipe import Cycle, Recipe

# Settings of saliency methods with which each takes a fraction of a second.
QUICK = {
    "integrated_gradients": {"n_steps": 10},
    "occlusion": {"window": 64, "stride": 32},
    "gradient_shap": {"n_samples": 6},
    "smooth_grad": {"n_samples": 6},
    "feature_ablation": {"superpixels": 10},
    "kernel_shap": {"superpixels": 10, "n_samples": 50},
}
# A recipe and a plan for the ablation that take seconds.
SHORT = Recipe(cycles=(Cycle(1, (32,), 1e-3, 0.0),), batch_size=4, warm_up=0.4)
SHORT_PLAN = [Run("se_var2", 0), Run("eca", 0), Run("eca_k1", 0), Run("eca", 1)]

Save = Callable[[nn.Module, Path], None]


# Images and data sets


class Told:
    """A progress that keeps the shares it is told, each once, and the titles."""

    def __init__(self) -> None:
        self.shares: dict[float, None] = {}
        self.titles: set[str] = set()

    def __call__(self, title: str, fraction: float) -> None:
        self.shares[fraction] = None
        self.titles.add(title)


def make_pixels(seed: int = 0, height: int = 120, width: int = 180) -> np.ndarray:
    """A smooth random image."""
    coarse = np.random.default_rng(seed).integers(0, 256, (6, 9, 3), dtype=np.uint8)
    return np.array(Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC))


def write_imagenette(root: Path) -> None:
    """Twenty training and ten validation images in Imagenette's layout."""
    from torchvision.datasets import Imagenette

    for number, folder in enumerate(sorted(Imagenette._WNID_TO_CLASS)):
        for split, count in (("train", 2), ("val", 1)):
            place = root / "imagenette2-160" / split / folder
            place.mkdir(parents=True)
            for copy in range(count):
                pixels = make_pixels(10 * number + copy, 48, 48)
                Image.fromarray(pixels).save(place / f"{split}{copy}.JPEG")


# Records


def make_layer(
    weights: list[float], taps: list[float] | None = None, width: int | None = None
) -> LayerAttention:
    values = as_floats(np.array([weights]))
    return LayerAttention(
        layer="layer1.0.eca",
        stage="layer1",
        order=0,
        mechanism="eca",
        channels=len(weights),
        kernel_size=None if taps is None else len(taps),
        taps=None if taps is None else as_floats(np.array(taps)),
        reduction=None,
        width=width,
        descriptor=values * 2,
        logits=np.log(values / (1 - values)),
        weights=values,
        verified="formula",
    )


def make_map(values: list[list[float]], signed: bool) -> SaliencyMap:
    return SaliencyMap(
        method="any",
        title="Any",
        reading="Any.",
        target=Prediction(0, "tench", 1.0),
        parameters={},
        values=as_floats(np.array(values)),
        signed=signed,
        convergence_delta=None,
        seconds=0.1,
    )


def make_scorecard(count: int) -> Scorecard:
    """Scores of so many maps and of a random one."""
    shares = as_floats(np.linspace(0, 1, 5))
    scores = [
        MapScore(
            method=f"method_{number}",
            title=f"Method {number}",
            deletion=as_floats(1 - shares / (number + 1)),
            insertion=as_floats(shares / (number + 1)),
            deletion_area=0.5,
            insertion_area=0.25,
            infidelity=0.75,
            sensitivity=0.1 if number < count else None,
            similarity=-0.1 if number < count else None,
        )
        for number in range(count + 1)
    ]
    return Scorecard(Prediction(4, "church", 0.9), shares, tuple(scores), ("Grad-CAM",), 1.0)


def layer(name: str, weights: list[float]) -> LayerAttention:
    return dataclasses.replace(make_layer(weights), layer=name)


def side(
    attention: list[LayerAttention],
    labels: tuple[str, ...] = ("cat", "dog", "cup"),
    probabilities: tuple[float, ...] = (0.7, 0.2, 0.1),
    best: int = 2,
    sha256: str = "0" * 64,
) -> Explanation:
    """An explanation made by hand."""
    pixels = np.zeros((8, 8, 3), np.uint8)
    order = np.argsort(-np.array(probabilities), kind="stable")[:best]
    return Explanation(
        image=ImageInput("a.png", "1" * 64, pixels),
        seen=pixels,
        network=NetworkRecord("n", "N", sha256, labels, "", "", {}),
        probabilities=np.array(probabilities),
        predictions=tuple(Prediction(int(i), labels[i], probabilities[i]) for i in order),
        attention=tuple(attention),
        saliency=(),
        versions={},
    )


def row(mechanism: str, seed: int, top1: float) -> Row:
    return Row("abc", mechanism, seed, top1, 0.97, 3925, 1000, 12, 60.5, "2.15.0")


def rows(**accuracies: list[float]) -> list[Row]:
    return [
        row(name, seed, top1)
        for name, found in accuracies.items()
        for seed, top1 in enumerate(found)
    ]


# Modules


class LookAlike(nn.Module):
    """ECA as many repositories write it, with names of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.squeeze = nn.AdaptiveAvgPool2d(1)
        self.mix = nn.Conv1d(1, 1, 3, padding=1, bias=False)
        self.act = nn.Sigmoid()

    def forward(self, x: Tensor) -> Tensor:
        y = self.squeeze(x)
        y = self.mix(y.squeeze(-1).transpose(-1, -2)).transpose(-1, -2).unsqueeze(-1)
        return x * self.act(y).expand_as(x)


class SEInSequential(nn.Module):
    """SE as most repositories write it."""

    def __init__(self, channels: int, reduction: int) -> None:
        super().__init__()
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Sequential(
            nn.Linear(channels, channels // reduction),
            nn.ReLU(inplace=True),
            nn.Linear(channels // reduction, channels),
            nn.Sigmoid(),
        )

    def forward(self, x: Tensor) -> Tensor:
        return x * self.fc(self.pool(x).flatten(1))[:, :, None, None]


class TwoLayers(nn.Module):
    """Two ECA layers of 6 and 10 channels."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, 6, 3, stride=2)
        self.attention1 = ECALayer(6, 3)
        self.second = nn.Conv2d(6, 10, 3, stride=2)
        self.attention2 = ECALayer(10, 3)
        self.head = nn.Linear(10, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.attention1(torch.relu(self.first(x)))
        x = self.attention2(torch.relu(self.second(x)))
        return self.head(x.mean((2, 3)))


def se_layers() -> list[tuple[nn.Module, str, float | None]]:
    """SE layers of every make, each with its mechanism's name and its reduction ratio."""
    import timm.layers
    from timm.models._efficientnet_blocks import SqueezeExcite
    from torchvision.ops import SqueezeExcitation

    from eca_viz.attention.mechanisms.se import SELayer

    return [
        (SELayer(32, 16), "se", 16),
        (SELayer(8, 16), "se", 8),
        (SqueezeExcitation(32, 8), "se", 4),
        (SqueezeExcitation(24, 7, nn.SiLU, nn.Hardsigmoid), "se", 24 / 7),
        (timm.layers.SEModule(32, rd_ratio=0.25), "se", 4),
        (timm.layers.SEModule(32, rd_channels=8, norm_layer=nn.BatchNorm2d), "se", 4),
        (SqueezeExcite(32, gate_layer=timm.layers.get_act_layer("hard_sigmoid")), "se", 4),
        (SEInSequential(32, 4), "se", 4),
        (timm.layers.EffectiveSEModule(32), "se_var3", None),
    ]


def hooks_on(model: nn.Module) -> int:
    """Hooks of every kind, forwards and backwards."""
    return sum(
        len(table)
        for module in model.modules()
        for name, table in vars(module).items()
        if name.endswith("_hooks") and "state_dict" not in name
    )


def randomise(model: nn.Module, seed: int = 0) -> nn.Module:
    """Batch-norm statistics and taps as after some training, so that no value grows or vanishes."""
    generator = torch.Generator().manual_seed(seed)

    def uniform(tensor: torch.Tensor, low: float, high: float) -> None:
        tensor.data.uniform_(low, high, generator=generator)

    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            uniform(module.weight, 0.3, 0.6)
            uniform(module.bias, -0.1, 0.1)
            uniform(module.running_mean, -0.1, 0.1)
            uniform(module.running_var, 0.5, 1.5)
        if isinstance(module, nn.Conv1d):
            uniform(module.weight, -1, 1)
    return model.eval()


# Weight files


def save_bare(model: nn.Module, path: Path) -> None:
    """The state_dict alone."""
    torch.save(model.state_dict(), path)


def save_training_checkpoint(model: nn.Module, path: Path, **options: Any) -> None:
    """What the official training script writes: DataParallel's names, and the optimiser."""
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimiser = torch.optim.SGD(parameters, 0.1, momentum=0.9)
    for parameter in parameters[:2]:
        parameter.grad = torch.zeros_like(parameter)
    optimiser.step()
    state = {
        "epoch": 100,
        "arch": "eca_resnet",
        "state_dict": {f"module.{key}": value for key, value in model.state_dict().items()},
        "best_prec1": torch.tensor(77.48),
        "optimizer": optimiser.state_dict(),
    }
    torch.save(state, path, **options)


def save_old_training_checkpoint(model: nn.Module, path: Path) -> None:
    """The same as PyTorch before 1.6 wrote it, like the released checkpoints."""
    save_training_checkpoint(model, path, _use_new_zipfile_serialization=False)


def save_safetensors(model: nn.Module, path: Path) -> None:
    """Tensors without a pickle."""
    save_file(model.state_dict(), path)


def make_network(
    module: nn.Module,
    *,
    name: str = "mine",
    side: int = 64,
    labels: tuple[str, ...] = ("a", "b"),
    sha256: str = "0",
    gradcam_layer: str = "",
) -> Network:
    """A loaded network that is `module`, with a spec and a record that fit it."""
    title, source, licence = name.title(), "a test", "MIT"
    spec = NetworkSpec(
        name=name,
        title=title,
        build=lambda classes: module,
        head="",
        preprocess=Preprocess(side, side),
        gradcam_layer=gradcam_layer,
        source=source,
        licence=licence,
        classes=len(labels),
        labels=lambda: labels,
    )
    return Network(spec, module, NetworkRecord(name, title, sha256, labels, source, licence, {}))
