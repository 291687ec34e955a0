"""`networks`, `inspect` and `costs` as a user calls them; files too."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

import eca_viz
from eca_viz.cli.main import main
from eca_viz.networks import survey
from eca_viz.networks.architectures.eca_resnet import eca_resnet50
from eca_viz.networks.registry import NETWORKS, downloadable
from eca_viz.networks.survey import every_name
from tests.factories import randomise, save_bare

Captured = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("net") / "k3557.pth"
    save_bare(randomise(eca_resnet50(kernel_sizes=(3, 5, 5, 7), num_classes=3)), path)
    return path


def test_networks_lists_all_with_their_figures(capsys: Captured) -> None:
    assert main(["networks", "--json"]) == 0
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    assert list(rows) == every_name()
    assert {spec.name for spec in NETWORKS} | set(downloadable()) <= rows.keys()
    bundled = rows["eca_resnet18_imagenette"]
    assert bundled["on_disk"]
    assert bundled["input"] == 176
    assert bundled["top1"] == NETWORKS[0].accuracy
    module = eca_viz.load_network("eca_resnet18_imagenette").module
    assert bundled["parameters"] == sum(p.numel() for p in module.parameters())
    light = rows["timm:ecaresnetlight.miil_in1k"]
    assert light == light | {"layers": 16, "input": 224, "licence": "apache-2.0", "weights": True}
    assert light["parameters"] == 30_162_046
    assert rows["torchvision:mobilenet_v3_small"]["parameters"] == 2_542_856
    assert not rows["timm:eca_vovnet39b"]["weights"]


def test_networks_in_words(capsys: Captured) -> None:
    assert main(["networks"]) == 0
    first = capsys.readouterr().out.splitlines()[0]
    assert first.startswith("eca_resnet18_imagenette")
    assert "176 px    8 layers   11,181,678 parameters  on this disk, top-1 0.9381, MIT" in first


def test_networks_writes_its_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setattr(survey, "every_name", lambda: ["resnet_tiny_se"])
    path = tmp_path / "networks.json"
    assert main(["networks", "--write", str(path)]) == 0
    assert capsys.readouterr().out == f"{path}\n"
    (row,) = json.loads(path.read_text(encoding="utf-8"))
    assert row["kinds"] == ["se"]


def test_inspect_prints_every_layer_without_an_image(checkpoint: Path, capsys: Captured) -> None:
    assert main(["inspect", str(checkpoint)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("ECA-ResNet-50 (k = 3, 5, 5, 7), 3 classes · k3557.pth, weights ")
    assert len(lines) == 2 + 16
    assert "k = 3 here; the formula gives 5 for C = 256 and 3 for the block's width 64" in lines[2]


def test_inspect_as_json_has_the_taps(checkpoint: Path, capsys: Captured) -> None:
    assert main(["inspect", str(checkpoint), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["classes"] == 3
    layer = found["layers"][0]
    expected = {
        "layer": "layer1.0.eca",
        "stage": "layer1",
        "mechanism": "eca",
        "channels": 256,
        "width": 64,
        "kernel_size": 3,
        "by_channels": 5,
        "by_width": 3,
        "reduction": None,
    }
    assert layer == layer | expected
    taps = torch.load(checkpoint, weights_only=True)["layer1.0.eca.conv.weight"].flatten()
    np.testing.assert_allclose(layer["taps"], taps, atol=1e-4)


def test_costs_of_a_network(checkpoint: Path, capsys: Captured) -> None:
    assert main(["costs", str(checkpoint)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].endswith("one image of 224 × 224 pixels")
    assert len(lines) == 1 + 4 + 16
    assert main(["costs", str(checkpoint), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["total"]["parameters"] - found["without"]["parameters"] == 80


def test_costs_of_the_paper(capsys: Captured) -> None:
    assert main(["costs", "--paper"]) == 0
    text = capsys.readouterr().out
    assert "ECA-Net50        parameters   24.373 M, paper  24.37 M, difference +0.003 M" in text
    assert main(["costs", "--paper", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["network"] for row in rows][:3] == ["ResNet-50", "SENet-50", "ECA-Net50"]


def test_explain_takes_a_checkpoint_with_names_for_its_classes(
    checkpoint: Path, photograph_file: Path, tmp_path: Path
) -> None:
    labels = tmp_path / "labels.txt"
    labels.write_text("rose\ntulip\ndaisy\n", encoding="utf-8")
    out = tmp_path / "out"
    arguments = ["explain", str(photograph_file), "--network", str(checkpoint)]
    arguments += ["--labels", str(labels), "--saliency", "grad_cam", "--target", "tulip"]
    assert main([*arguments, "--out", str(out)]) == 0
    manifest = json.loads((out / "photo" / "explanation.json").read_text(encoding="utf-8"))
    assert manifest["network"]["labels"] == str(labels)
    assert manifest["saliency"][0]["target"]["label"] == "tulip"
    assert len(manifest["attention"]) == 16
    assert (out / "photo" / "report.html").stat().st_size > 1_000_000


def test_the_manifests_snippet_gives_the_same_numbers(
    checkpoint: Path, photograph_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    labels = tmp_path / "labels.txt"
    labels.write_text("rose\ntulip\ndaisy", encoding="utf-8")
    network = eca_viz.load_network(checkpoint, labels=labels)
    first = eca_viz.explain(photograph_file, network, "grad_cam")
    monkeypatch.chdir(photograph_file.parent)
    space: dict[str, eca_viz.records.Explanation] = {}
    exec(eca_viz.export.files.snippet(first), space)
    again = space["explanation"]
    np.testing.assert_array_equal(again.probabilities, first.probabilities)
    np.testing.assert_array_equal(again.saliency[0].values, first.saliency[0].values)
    assert again.predictions == first.predictions


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["inspect", "nothing"], "no network is called 'nothing'"),
        (["inspect", "nothing.pth"], "nothing.pth cannot be read"),
        (["inspect", "timm:nothing"], "timm has no network 'nothing'"),
        (["costs", "torchvision:vgg"], "torchvision has no classification network 'vgg'"),
    ],
)
def test_wrong_names_are_one_sentence(
    arguments: list[str], sentence: str, capsys: Captured
) -> None:
    assert main(arguments) == 2
    printed = capsys.readouterr().err
    assert sentence in printed
    assert printed.count("\n") == 1


def test_accuracy_is_measured_on_networks_for_the_data_only(
    checkpoint: Path, tmp_path: Path, capsys: Captured
) -> None:
    assert main(["evaluate", "--network", str(checkpoint), "--data", str(tmp_path)]) == 2
    assert "knows 3 classes" in capsys.readouterr().err
