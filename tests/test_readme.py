"""Code and commands of README and assets/docs run as they stand, on small images and networks."""

import importlib.util
import re
import shlex
from dataclasses import replace
from pathlib import Path

import pytest
import timm
import torch
from PIL import Image
from torch import nn

from eca_viz.cli.main import _parser, main
from eca_viz.networks.architectures.eca_resnet import eca_resnet18
from eca_viz.networks.hubs import timm_hub
from eca_viz.networks.preprocess import Preprocess
from eca_viz.statistics.run import folder_statistics
from tests.factories import (
    make_pixels,
    randomise,
    save_safetensors,
    save_training_checkpoint,
)
from tests.own_network import write_own_network
from tests.ui.factories import ROOT

README = ROOT / "README.md"
PAGES = (README, *sorted((ROOT / "assets" / "docs").glob("*.md")))
TEXTS = {page.relative_to(ROOT).as_posix(): page.read_text(encoding="utf-8") for page in PAGES}
# What takes hours, what there is no data for, and downloads: their arguments are parsed only.
LONG = re.compile(r"train |ablate --data|bench|reference|download|evaluate --familiarity|app\b")
START = re.compile(r"(?:(?:\.venv/bin/)?python -m eca_viz|eca-viz) ")


def blocks(language: str, text: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def inline(text: str) -> list[str]:
    """Code in the prose; line breaks may fall inside it."""
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    return [" ".join(code.split()) for code in re.findall(r"`([^`]+)`", prose)]


LINES = [
    line for text in TEXTS.values() for block in blocks("bash", text) for line in block.splitlines()
]
INLINE = [code for text in TEXTS.values() for code in inline(text)]
NAMED = {START.split(line, 1)[1] for line in LINES + INLINE if START.match(line)}
# `COMMAND` stands for any; `--help` ends the process.
COMMANDS = sorted(name for name in NAMED if "COMMAND" not in name and "--help" not in name)
STARTS = {
    "python3 -m venv .venv && .venv/bin/pip install -r requirements.txt"
    " && .venv/bin/streamlit run app.py",
}


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files that they name: two images and a checkpoint, whose network is smaller."""
    folder = tmp_path_factory.mktemp("readme")
    for seed, name in enumerate(("dog.jpg", "church.jpg")):
        Image.fromarray(make_pixels(seed)).save(folder / name)
    for name in ("church", "tench"):
        (folder / "photos" / name).mkdir(parents=True)
        Image.fromarray(make_pixels(2)).save(folder / "photos" / name / "a.png")
    folder_statistics(folder / "photos", effects=True, out=folder / "photos.parquet")
    write_own_network(folder)
    network = randomise(eca_resnet18(kernel_sizes=(3, 5, 5, 7), num_classes=10))
    save_training_checkpoint(network, folder / "eca_resnet50_k3557.pth.tar")
    return folder


@pytest.fixture(autouse=True)
def _small_inputs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Networks see 64 × 64 pixels, whatever they were trained on."""
    see = Preprocess.see
    monkeypatch.setattr(
        Preprocess, "see", lambda self, image: see(replace(self, resize=64, crop=64), image)
    )


@pytest.fixture
def small_hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Networks of timm have one block of 16 channels a stage and come from the disk."""

    def build(name: str, classes: int) -> nn.Module:
        narrow = {"layers": (1,) * 4, "channels": (16,) * 4}
        return timm.create_model(name, pretrained=False, num_classes=classes, **narrow)

    def fetch(repository: str, title: str, progress: object) -> Path:
        path = tmp_path / "weights.safetensors"
        save_safetensors(randomise(build(title, 1000)), path)
        return path

    monkeypatch.setattr(timm_hub, "_build", build)
    monkeypatch.setattr(timm_hub, "fetch_from_hub", fetch)
    monkeypatch.setattr(timm_hub, "find_network", timm_hub.find_network.__wrapped__)


def test_every_line_of_a_command_block_is_known() -> None:
    assert {line for line in LINES if not START.match(line)} == STARTS
    assert (ROOT / "tests" / "check").is_file()
    assert (ROOT / "app.py").is_file()


def test_the_readme_has_two_screens_and_writes_nothing_into_the_assets() -> None:
    assert len(TEXTS["README.md"].splitlines()) <= 120
    assert not re.search(r"eca_viz (samples|networks --write|ablate --data)", TEXTS["README.md"])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_and_pictures_are_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith("http"):
            continue
        file, _, part = target.partition("#")
        found = page.parent / file if file else page
        assert found.is_file(), target
        heads = re.findall(r"^#+ (.*)$", found.read_text("utf-8"), re.MULTILINE) if part else []
        assert not part or part in {head.lower().replace(" ", "-") for head in heads}
        assert found.suffix not in {".webp", ".png"} or found.stat().st_size <= 150_000


def test_every_page_of_the_documents_is_linked_from_the_readme() -> None:
    for page in PAGES[1:]:
        assert f"({page.relative_to(ROOT).as_posix()}" in TEXTS["README.md"]


@pytest.mark.usefixtures("small_hub")
@pytest.mark.parametrize("command", COMMANDS)
def test_commands(
    command: str, inputs: Path, small_imagenette: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(inputs)
    arguments = shlex.split(command.replace("DIR", str(small_imagenette)), comments=True)
    if LONG.match(command):
        assert _parser().parse_args(arguments).run
    else:
        assert main(arguments) == 0


def test_modules_of_tests_are_there() -> None:
    modules = [code.split()[2] for code in INLINE if code.startswith("python -m tests.")]
    assert modules
    assert all(importlib.util.find_spec(module) for module in modules)


@pytest.mark.usefixtures("small_hub")
@pytest.mark.parametrize("page", [name for name, text in TEXTS.items() if blocks("python", text)])
def test_python(page: str, inputs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`model` and `images` are the reader's own."""
    monkeypatch.chdir(inputs)
    (code,) = blocks("python", TEXTS[page])
    space = {"model": eca_resnet18(num_classes=3).eval(), "images": torch.randn(1, 3, 32, 32)}
    exec(compile(code, page, "exec"), space)
    assert space["explanation"].saliency[0].values.shape == (64, 64)
    assert len(space["recorder"].records) == len(space["explanation"].attention) == 8


def test_the_chinese_readme_says_the_same() -> None:
    """Its structure, its commands and what it leads to; each seen from its own folder."""
    translated = ROOT / "assets" / "README.zh.md"
    ours, theirs = README.read_text(encoding="utf-8"), translated.read_text(encoding="utf-8")
    assert blocks("bash", theirs) == blocks("bash", ours)
    assert len(re.findall("^## ", theirs, re.MULTILINE)) == len(
        re.findall("^## ", ours, re.MULTILINE)
    )
    targets = [
        {
            link if "://" in link else (page.parent / link).resolve()
            for link in re.findall(r"\]\(([^)]+)\)", text)
        }
        for page, text in ((README, ours), (translated, theirs))
    ]
    assert targets[0] - {translated} == targets[1] - {README}
    assert all(isinstance(link, str) or link.exists() for link in targets[0] | targets[1])
