"""Checkpoints in the official layout: what they are is read from their tensors."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

import eca_viz
from eca_viz.gates.forward import attend
from eca_viz.images.reading import read_image
from eca_viz.networks.architectures.eca_mobilenet import eca_mobilenet_v2
from eca_viz.networks.architectures.eca_resnet import (
    eca_resnet18,
    eca_resnet34,
    eca_resnet50,
    eca_resnet101,
    eca_resnet152,
)
from eca_viz.networks.files.official_layout import identify, imagenet_labels
from eca_viz.progress import silent
from tests.factories import (
    Save,
    make_pixels,
    randomise,
    save_bare,
    save_old_training_checkpoint,
    save_safetensors,
    save_training_checkpoint,
)

# Title, how it is built directly, how it is saved, under which name.
CASES: list[tuple[str, Callable[[], nn.Module], Save, str]] = [
    (
        "ECA-ResNet-18 (k = 3, 5, 7, 7)",
        lambda: eca_resnet18(kernel_sizes=(3, 5, 7, 7)),
        save_old_training_checkpoint,
        "eca_resnet18_k3577.pth.tar",
    ),
    (
        "ECA-ResNet-34 (k = 3, 3, 5, 7)",
        lambda: eca_resnet34(kernel_sizes=(3, 3, 5, 7), num_classes=37),
        save_bare,
        "eca_resnet34_k3357.pt",
    ),
    (
        "ECA-ResNet-50 (k = 3, 5, 5, 7)",
        lambda: eca_resnet50(kernel_sizes=(3, 5, 5, 7)),
        save_training_checkpoint,
        "eca_resnet50_k3557.pth.tar",
    ),
    (
        "ECA-ResNet-50 (k = 3, 3, 5, 7)",
        lambda: eca_resnet50(kernel_sizes=(3, 3, 5, 7), num_classes=10),
        save_old_training_checkpoint,
        "mine.pth",
    ),
    (
        "ECA-ResNet-101 (k = 3, 3, 5, 7)",
        lambda: eca_resnet101(kernel_sizes=(3, 3, 5, 7), num_classes=2),
        save_bare,
        "eca_resnet101_k3357.pth",
    ),
    (
        "ECA-ResNet-152 (k = 3, 3, 5, 7)",
        lambda: eca_resnet152(kernel_sizes=(3, 3, 5, 7)),
        save_safetensors,
        "eca_resnet152_k3357.safetensors",
    ),
    (
        "ECA-MobileNetV2 (k = 1, 3)",
        eca_mobilenet_v2,
        save_training_checkpoint,
        "eca_mobilenetv2_k13.pth.tar",
    ),
    (
        "ECA-ResNet (1, 1, 2, 1) of bottleneck blocks (k = 3, 3, 3, 5, 3)",
        lambda: eca_viz.networks.architectures.eca_resnet.ECAResNet(
            eca_viz.networks.architectures.eca_resnet.ECABottleneck,
            (1, 1, 2, 1),
            kernel_sizes=(3, 3, 3, 5, 3),
            groups=32,
            width_per_group=4,
            num_classes=5,
        ),
        save_bare,
        "resnext.pth",
    ),
]


@pytest.mark.parametrize(
    ("title", "build", "save", "name"), CASES, ids=[case[-1] for case in CASES]
)
def test_opens_as_the_network_built_directly(
    title: str, build: Callable[[], nn.Module], save: Save, name: str, tmp_path: Path
) -> None:
    with torch.random.fork_rng():
        torch.manual_seed(3)
        direct = randomise(build())
    path = tmp_path / name
    save(direct, path)
    network = eca_viz.load_network(path)
    assert network.record.title == f"{title}, {len(network.record.labels)} classes · {name}"
    image = read_image(make_pixels(4, 260, 300))
    _, inputs = network.spec.preprocess.see(image)
    assert inputs.shape == (1, 3, 224, 224)
    with torch.no_grad():
        expected = direct(inputs)
    logits, _ = attend(network.private(), inputs)
    torch.testing.assert_close(logits, expected, rtol=1e-5, atol=1e-5)

    explanation = eca_viz.explain(image, network=str(path), saliency=())
    softmax = torch.softmax(expected[0].double(), 0)
    np.testing.assert_allclose(explanation.probabilities, softmax, atol=1e-5)
    kernels = [layer.kernel_size for layer in eca_viz.find_attention(direct)]
    assert [record.kernel_size for record in explanation.attention] == kernels
    assert explanation.network.sha256 == network.record.sha256


def test_a_thousand_classes_have_imagenets_names(tmp_path: Path) -> None:
    path = tmp_path / "w.pth"
    save_bare(eca_resnet18(), path)
    network = eca_viz.load_network(path)
    assert network.record.labels == imagenet_labels()
    assert network.record.labels[217] == "English springer"


@pytest.mark.parametrize(
    "shapes",
    [
        {},
        {"layer1.0.eca.conv.weight": (1, 1, 3)},
        {f"layer{s}.{b}.eca.conv.weight": (1, 1, 3) for s in range(1, 5) for b in range(101)},
        {"layer1.0.conv1.weight": (64, 64, 3, 3)},
    ],
    ids=["nothing", "one-block", "too-many-blocks", "no-attention"],
)
def test_others_are_not_taken_for_it(shapes: dict[str, tuple[int, ...]]) -> None:
    assert identify(shapes) is None


def test_one_of_our_own_training_sees_and_names_as_it_was_trained(tmp_path: Path) -> None:
    shipped = eca_viz.networks.registry.NETWORKS[0]
    path = tmp_path / "copy.safetensors"
    assert shipped.fetch is not None
    path.write_bytes(shipped.fetch(silent).read_bytes())
    network = eca_viz.load_network(path)
    assert network.record.labels == shipped.labels()
    assert network.spec.preprocess == shipped.preprocess
    assert network.record.title == "eca_resnet18_imagenette, 10 classes · copy.safetensors"
    ours = eca_viz.explain(make_pixels(), network=path, saliency=())
    theirs = eca_viz.explain(make_pixels(), saliency=())
    np.testing.assert_array_equal(ours.probabilities, theirs.probabilities)
