"""Names of classes, and what a network is called."""

from pathlib import Path

import pytest

import eca_viz
from eca_viz.networks.architectures.eca_resnet import eca_resnet18
from eca_viz.networks.labels import distinct, parse_labels
from tests.factories import make_pixels, save_safetensors


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("net") / "three.safetensors"
    save_safetensors(eca_resnet18(num_classes=3), path)
    return path


def test_labels_from_a_file(checkpoint: Path, tmp_path: Path) -> None:
    path = tmp_path / "labels.txt"
    path.write_text("\ufeffRose \nTulpe\r\nGänseblümchen\n\n", encoding="utf-8")
    network = eca_viz.load_network(checkpoint, labels=path)
    assert network.record.labels == ("Rose", "Tulpe", "Gänseblümchen")
    assert network.record.options == {"labels": str(path)}
    assert eca_viz.load_network(checkpoint, labels=str(path)) is network
    assert eca_viz.load_network(checkpoint).record.labels == ("class 0", "class 1", "class 2")


def test_labels_as_a_sequence(checkpoint: Path) -> None:
    network = eca_viz.load_network(checkpoint, labels=["a", "b", "a"])
    assert network.record.labels == ("a (0)", "b", "a (2)")


@pytest.mark.parametrize(
    ("labels", "sentence"),
    [
        (["a", "b"], "got 2 labels and three.safetensors has 3 classes"),
        ([], "got 0 labels"),
        ("missing.txt", "missing.txt cannot be read"),
    ],
)
def test_labels_that_do_not_fit(labels: list[str] | str, sentence: str, checkpoint: Path) -> None:
    with pytest.raises(eca_viz.NetworkError, match=sentence):
        eca_viz.load_network(checkpoint, labels=labels)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [(b"\xff\xfe\x00", "labels.txt is not UTF-8 text"), (b"a" * (2**20 + 1), "more than 1 MB")],
)
def test_label_files_that_are_none(data: bytes, sentence: str) -> None:
    with pytest.raises(eca_viz.NetworkError, match=sentence):
        parse_labels(data, "labels.txt")


def test_labels_can_be_told_apart() -> None:
    assert distinct(["crane", "dog", "crane", ""]) == ("crane (0)", "dog", "crane (2)", " (3)")


def test_weights_and_labels_are_for_networks_that_take_them(checkpoint: Path) -> None:
    with pytest.raises(eca_viz.NetworkError, match="is bundled with its weights and labels"):
        eca_viz.load_network("eca_resnet18_imagenette", weights=checkpoint)
    with pytest.raises(eca_viz.NetworkError, match="given as the network itself"):
        eca_viz.load_network(checkpoint, weights=checkpoint)


def test_results_that_are_not_finite_are_said(tmp_path: Path) -> None:
    model = eca_resnet18(num_classes=3)
    model.bn1.running_var.fill_(-1)
    path = tmp_path / "w.safetensors"
    save_safetensors(model, path)
    with pytest.raises(eca_viz.NetworkError, match="numbers that are not finite for array"):
        eca_viz.explain(make_pixels(), path)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("resnet", "no network is called 'resnet'; give one of eca_resnet18_imagenette"),
        ("nowhere/net.pth", r"nowhere/net.pth cannot be read \(No such file"),
        (Path("nowhere.pt"), "nowhere.pt cannot be read"),
    ],
)
def test_what_is_neither_a_name_nor_a_file(name: str | Path, sentence: str) -> None:
    with pytest.raises(eca_viz.NetworkError, match=sentence):
        eca_viz.load_network(name)
