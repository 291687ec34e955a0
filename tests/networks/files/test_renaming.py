"""Checkpoints whose modules have other names than ours, and what the refusal advises."""

from pathlib import Path

import pytest
import torch

import eca_viz
from eca_viz import NetworkError
from eca_viz.cli.main import main
from eca_viz.export.files import snippet
from eca_viz.networks.architectures.eca_resnet import eca_resnet18
from eca_viz.networks.files.renaming import candidates, renamed
from tests.factories import make_pixels, randomise, save_training_checkpoint


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An ECA-ResNet-18 whose attention is called eca_attn, with the optimiser beside it."""
    network = randomise(eca_resnet18(num_classes=3))
    path = tmp_path_factory.mktemp("renamed") / "mine.pth"
    save_training_checkpoint(network, path)
    content = torch.load(path, weights_only=True)
    content["state_dict"] = {
        key.replace(".eca.", ".eca_attn."): value for key, value in content["state_dict"].items()
    }
    torch.save(content, path)
    return path


def test_the_refusal_names_what_would_help_and_it_helps(checkpoint: Path) -> None:
    with pytest.raises(
        NetworkError, match=r"; with --rename eca_attn=eca it would be ECA-ResNet-18"
    ):
        eca_viz.load_network(checkpoint)
    network = eca_viz.load_network(checkpoint, rename="eca_attn=eca")
    assert [layer.name for layer in network.layers][:2] == ["layer1.0.eca", "layer1.1.eca"]
    assert network.record.options == {"rename": "eca_attn=eca"}
    explanation = eca_viz.explain(make_pixels(), network, ())
    assert {record.verified for record in explanation.attention} == {"formula"}
    assert f"load_network('{checkpoint}', rename='eca_attn=eca')" in snippet(explanation)


def test_on_the_command_line(checkpoint: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", str(checkpoint)]) == 2
    assert "--rename eca_attn=eca" in capsys.readouterr().err
    assert main(["inspect", str(checkpoint), "--rename", "eca_attn=eca"]) == 0
    assert "layer4.1.eca" in capsys.readouterr().out


def test_parts_of_names_alone_are_renamed() -> None:
    entries = {"a.eca_attn.conv": 1, "eca_attn": 2, "a.eca_attn2.conv": 3, "b.x.y.z": 4}
    assert renamed(entries, "eca_attn=eca, x.y=w", "it") == {
        "a.eca.conv": 1,
        "eca": 2,
        "a.eca_attn2.conv": 3,
        "b.w.z": 4,
    }


@pytest.mark.parametrize(
    ("rename", "sentence"),
    [
        ("eca", "got rename 'eca'; give OLD=NEW"),
        ("a=c,", "got rename ''; give OLD=NEW"),
        ("nothing=b", "no tensor of it has the part 'nothing'"),
        ("a=b", "a=b would give two tensors of it one name"),
    ],
)
def test_renamings_that_cannot_be(rename: str, sentence: str) -> None:
    with pytest.raises(NetworkError, match=sentence):
        renamed({"a.weight": 1, "b.weight": 2}, rename, "it")


@pytest.mark.parametrize("name", ["eca_resnet18_imagenette", "timm:ecaresnet26t"])
def test_only_a_checkpoint_is_renamed(name: str) -> None:
    with pytest.raises(NetworkError, match="only the tensors of a checkpoint are renamed"):
        eca_viz.load_network(name, rename="a=b")


def test_no_kernel_across_channels_gives_no_advice() -> None:
    assert list(candidates({"conv.weight": (8, 3, 3, 3)})) == []
    assert "att=eca" in list(candidates({"b.0.att.conv.weight": (1, 1, 3)}))
