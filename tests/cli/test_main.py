"""The command line as a user calls it: outputs, exit codes, sentences."""

import argparse
import json
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

import eca_viz
from eca_viz.benchmark import measure as benchmark
from eca_viz.benchmark.ratio import Ratio
from eca_viz.cli.main import _parser, main
from eca_viz.cli.overview import HEADINGS
from tests.factories import make_pixels
from tests.own_network import write_own_network

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def images(tmp_path: Path) -> list[Path]:
    """Two good ones of the same name, and a bad one."""
    paths = []
    for number in range(2):
        path = tmp_path / f"folder{number}" / "dog.png"
        path.parent.mkdir()
        Image.fromarray(make_pixels(number)).save(path)
        paths.append(path)
    bad = tmp_path / "bad.jpg"
    bad.write_bytes(b"no image")
    return [paths[0], bad, paths[1]]


def test_explains_what_it_can_and_names_the_rest(
    images: list[Path], tmp_path: Path, capsys: Captured
) -> None:
    out = tmp_path / "out"
    code = main(["explain", *map(str, images), "--saliency", "grad_cam", "--out", str(out)])
    printed = capsys.readouterr()
    assert code == 1
    assert re.fullmatch(r"skipped \S+bad.jpg: bad.jpg is not an image[^\n]*\n", printed.err)
    assert len(printed.out.splitlines()) == 2
    assert sorted(path.name for path in out.iterdir()) == ["dog", "dog-2", "plotly.min.js"]
    for folder in ("dog", "dog-2"):
        report = (out / folder / "report.html").read_text(encoding="utf-8")
        assert 'src="../plotly.min.js"' in report
        assert len(report) < 1_000_000
    manifest = json.loads((out / "dog-2" / "explanation.json").read_text(encoding="utf-8"))
    assert manifest["image"]["name"] == "dog.png"
    assert manifest["saliency"][0]["method"] == "grad_cam"


def test_all_good_is_zero_and_the_target_is_kept(images: list[Path], tmp_path: Path) -> None:
    arguments = ["explain", str(images[0]), "--target", "golf ball", "--out", str(tmp_path)]
    assert main([*arguments, "--saliency", "saliency", "grad_cam"]) == 0
    manifest = json.loads((tmp_path / "dog" / "explanation.json").read_text(encoding="utf-8"))
    assert [s["target"]["label"] for s in manifest["saliency"]] == ["golf ball"] * 2
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".js"] == []
    assert (tmp_path / "dog" / "report.html").stat().st_size > 4_000_000


def test_changed_gates_are_said_and_kept_apart(
    images: list[Path], tmp_path: Path, capsys: Captured
) -> None:
    arguments = ["explain", str(images[0]), "--saliency", "--out", str(tmp_path / "out")]
    changes = ["--gate", "ones", "--gate", "layer4:weakest=50,0"]
    assert main(arguments) == 0
    assert main([*arguments, *changes]) == 0
    plain, changed = capsys.readouterr().out.splitlines()
    number = r"[a-zA-Z ]+ [01]\.\d{4}"
    doubtful = rf": Probably none of its 10 classes; nearest: {number}, familiarity \d%"
    assert re.search(rf"{doubtful} → ", plain)
    assert re.search(rf"{doubtful}, with all:ones layer4:weakest=50,0 {number} → ", changed)
    manifests = [
        json.loads((tmp_path / "out" / name / "explanation.json").read_text(encoding="utf-8"))
        for name in ("dog", "dog-2")
    ]
    assert [manifest["gates"] for manifest in manifests] == [
        [],
        ["all:ones", "layer4:weakest=50,0"],
    ]
    last = manifests[1]["attention"][-1]["weights"]
    assert sorted(set(last)) == [0.0, 1.0]
    assert "gates=('all:ones', 'layer4:weakest=50,0')" in manifests[1]["snippet"]


def test_parameters_and_the_scorecard_are_written(images: list[Path], tmp_path: Path) -> None:
    arguments = ["explain", str(images[0]), "--network", "resnet_tiny_eca"]
    arguments += ["--saliency", "grad_cam", "occlusion", "--scorecard", "--out", str(tmp_path)]
    arguments += ["--parameter", "grad_cam.layer=layer2.0.attention"]
    assert main([*arguments, "--parameter", "occlusion.stride=32"]) == 0
    manifest = json.loads((tmp_path / "dog" / "explanation.json").read_text(encoding="utf-8"))
    first, second = (saliency["parameters"] for saliency in manifest["saliency"])
    assert first == {"layer": "layer2.0.attention"}
    assert second["stride"] == 32
    scores = manifest["scorecard"]["scores"]
    assert [score["method"] for score in scores] == ["grad_cam", "occlusion", "random"]
    assert "<h3>Scorecard</h3>" in (tmp_path / "dog" / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--gate", "zeros"], "the changes are: ones, half"),
        (["--network", "none"], "no network is called 'none'"),
        (["--saliency", "lime"], "no saliency method is called 'lime'"),
        (["--target", "pagoda"], "got class 'pagoda'"),
        (["--parameter", "integrated_gradients.n_steps=few"], "n_steps = 'few'; give a number"),
        (["--parameter", "occlusion.stride=8"], "not among the methods asked for"),
        (["--saliency", "--scorecard"], "no saliency maps to score"),
    ],
)
def test_wrong_usage_is_two_and_writes_nothing(
    arguments: list[str], sentence: str, images: list[Path], tmp_path: Path, capsys: Captured
) -> None:
    out = tmp_path / "out"
    assert main(["explain", str(images[0]), "--out", str(out), *arguments]) == 2
    assert sentence in capsys.readouterr().err
    assert not out.exists()


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["fly"],
        ["explain"],
        ["train", "--epochs", "0"],
        ["explain", "x.png", "--out", "y", "--parameter", "stride=8"],
    ],
)
def test_argparse_also_exits_with_two(arguments: list[str], capsys: Captured) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert "usage:" in capsys.readouterr().err


def test_an_output_folder_that_is_a_file(
    images: list[Path], tmp_path: Path, capsys: Captured
) -> None:
    out = tmp_path / "out"
    out.write_text("mine")
    assert main(["explain", str(images[0]), "--saliency", "--out", str(out)]) == 2
    assert "cannot be read or written" in capsys.readouterr().err
    assert out.read_text() == "mine"


def test_trains_with_progress_and_refuses_another_recipe(
    small_imagenette: Path, tmp_path: Path, capsys: Captured
) -> None:
    arguments = ["train", "--data", str(small_imagenette), "--out", str(tmp_path / "run")]
    assert main([*arguments, "--epochs", "1", "--batch-size", "8"]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r"epoch 1/1  112 px  loss \d\.\d{4}  \d+ s  left 0 min", printed[0])
    assert re.search(r"eca_resnet18_imagenette.safetensors  sha256 \w{64}  top-1 0", printed[1])
    assert main([*arguments, "--epochs", "2", "--batch-size", "8"]) == 2
    assert "was trained with cycles = " in capsys.readouterr().err


def test_a_missing_gpu_is_a_sentence(
    small_imagenette: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    assert main(["train", "--data", str(small_imagenette), "--device", "cuda"]) == 2
    assert "PyTorch finds no GPU to train on" in capsys.readouterr().err


def test_bench_in_words_and_as_json(monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    measured = Ratio("x against y", 12.0, 10.0, "ms", 1.25)
    more = Ratio("all of x against y", 13.0, 10.0, "ms", 1.25)
    monkeypatch.setattr(benchmark, "measure", lambda full: iter([measured, more][: 1 + full]))
    assert main(["bench"]) == 0
    assert capsys.readouterr().out == f"{measured}\n"
    assert main(["bench", "--full"]) == 0
    assert capsys.readouterr().out == f"{measured}\n{more}\n"
    assert main(["bench", "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["what"], row["ratio"], row["limit"]) == ("x against y", 1.2, 1.25)
    assert row["within"] is True


def test_evaluates(small_imagenette: Path, capsys: Captured) -> None:
    assert main(["evaluate", "--data", str(small_imagenette)]) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert re.fullmatch(r"top-1 0\.\d{4} on 10 images", last)


def test_evaluates_familiarity(
    small_imagenette: Path, photograph_file: Path, capsys: Captured
) -> None:
    command = ["evaluate", "--data", str(small_imagenette), "--familiarity"]
    assert main(command) == 2
    assert "--familiarity needs --others DIR" in capsys.readouterr().err
    assert main([*command, "--others", str(photograph_file.parent)]) == 0
    first = capsys.readouterr().out.splitlines()[0]
    assert re.fullmatch(r"AUROC [01]\.\d{3} on 7 images of its classes and 1 others", first)
    (photograph_file.parent / "notes.txt").write_text("no image")
    assert main([*command, "--others", str(photograph_file.parent)]) == 1
    assert "notes.txt" in capsys.readouterr().err


def test_missing_data_is_a_sentence(tmp_path: Path, capsys: Captured) -> None:
    assert main(["evaluate", "--data", str(tmp_path)]) == 2
    assert "no Imagenette in" in capsys.readouterr().err


def test_no_command_imports_torch_for_its_help() -> None:
    code = (
        "import contextlib, sys\n"
        "from eca_viz.cli.main import main\n"
        "for command in ([], ['explain'], ['costs'], ['train'], ['bench'], ['ablate']):\n"
        "    with contextlib.suppress(SystemExit):\n"
        "        main([*command, '--help'])\n"
        "assert not {'torch', 'numpy', 'streamlit', 'captum'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.count("usage: eca-viz") == 6


@pytest.mark.parametrize(
    "arguments",
    [
        ["networks"],
        ["networks", "--json"],
        ["mechanisms"],
        ["mechanisms", "--json"],
        ["ablate", "--report"],
    ],
    ids=" ".join,
)
def test_what_computes_nothing_with_a_network_imports_no_torch(arguments: list[str]) -> None:
    """Nor anything else that is slow, so that they take less than a second."""
    code = (
        "import sys\n"
        "from eca_viz.cli.main import main\n"
        f"assert main({arguments!r}) == 0\n"
        "slow = {'torch', 'torchvision', 'timm', 'captum', 'pandas', 'scipy.stats', 'plotly'}\n"
        "assert not slow & set(sys.modules), slow & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert len(done.stdout.splitlines()) > 10


def test_runs_as_a_module(monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    monkeypatch.setattr(sys, "argv", ["eca_viz", "networks"])
    with pytest.raises(SystemExit) as caught:
        runpy.run_module("eca_viz", run_name="__main__")
    assert caught.value.code == 0
    assert "eca_resnet18_imagenette" in capsys.readouterr().out


def test_a_network_of_ones_own(images: list[Path], tmp_path: Path, capsys: Captured) -> None:
    file, out = write_own_network(tmp_path), tmp_path / "out"
    arguments = ["explain", str(images[0]), "--saliency", "grad_cam", "--out", str(out)]
    assert main([*arguments, "--network", f"{file}:build"]) == 0
    printed = capsys.readouterr()
    assert re.search(r"dog.png: (cat|dog|cup) 0\.\d{4} → ", printed.out)
    assert printed.err.startswith(
        "note: 1 module is attention without one factor for each channel and is not read: 4;"
    )
    report = (out / "dog" / "report.html").read_text(encoding="utf-8")
    assert "Of 3 the gates alone are known" in report
    assert "1 module is attention without one factor" in report

    labels = tmp_path / "labels.txt"
    labels.write_text("a\nb\nc\n")
    named = [*arguments, "--network", f"{file}:build", "--labels", str(labels)]
    assert main(named) == 0
    assert re.search(r"dog.png: [abc] 0", capsys.readouterr().out)
    assert main([*arguments, "--network", f"{file}:broken"]) == 2
    assert capsys.readouterr().err.endswith("broken failed with RuntimeError: no weights here\n")
    assert main([*arguments, "--network", f"{file}:build", "--weights", "x.pth"]) == 2
    assert "it loads its weights" in capsys.readouterr().err
    assert main(["app", "--network", f"{file}:nothing"]) == 2
    assert "defines no function" in capsys.readouterr().err


def test_the_help_fits_a_screen_and_has_every_command_below_one_heading(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "usage: eca-viz [-h] [--version] COMMAND ..."
    assert 24 <= len(lines) <= 40
    assert max(map(len, lines)) <= 85
    named = [name for names in HEADINGS.values() for name in names]
    assert len(named) == len(set(named))
    actions = _parser()._actions
    (commands,) = (one for one in actions if isinstance(one, argparse._SubParsersAction))
    assert set(named) == set(commands.choices)
    with pytest.raises(SystemExit):
        main(["explain", "--help"])
    assert capsys.readouterr().out.startswith("usage: eca-viz explain [-h]")


def test_the_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--version"])
    assert capsys.readouterr().out == f"eca_viz {eca_viz.__version__}\n"
