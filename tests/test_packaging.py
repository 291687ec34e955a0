"""What is installed: every folder of the package, its scripts and its assets; what it requires."""

import re
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import eca_viz
from eca_viz.networks.table import read_table

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
SETUPTOOLS = PROJECT["tool"]["setuptools"]
EXTRAS = {
    extra: [Requirement(line) for line in lines]
    for extra, lines in PROJECT["project"]["optional-dependencies"].items()
}
RANGES = [Requirement(line) for line in PROJECT["project"]["dependencies"]]
RANGES += [requirement for group in EXTRAS.values() for requirement in group]
FILES = [
    path.relative_to(ROOT)
    for path in (ROOT / "eca_viz").rglob("*")
    if path.is_file() and "__pycache__" not in path.parts
]


def test_every_folder_is_a_package() -> None:
    folders = {".".join(path.parent.parts) for path in FILES}
    assert set(SETUPTOOLS["packages"]) == folders | set(SETUPTOOLS["package-dir"])


def test_every_file_is_code_or_matches_the_package_data() -> None:
    patterns = [*SETUPTOOLS["package-data"]["*"], *SETUPTOOLS["package-data"]["eca_viz"]]
    for path in FILES:
        assert path.suffix == ".py" or any(path.match(pattern) for pattern in patterns), path


def test_the_assets_are_those_that_the_code_reads() -> None:
    installed = {
        path.relative_to(ROOT / "assets").as_posix()
        for pattern in SETUPTOOLS["package-data"]["eca_viz.assets"]
        for path in (ROOT / "assets").glob(pattern)
    }
    kept = {path.relative_to(ROOT / "assets").as_posix() for path in (ROOT / "assets").rglob("*.*")}
    left_out = {path for path in kept - installed if not path.startswith(("docs/", "screenshots/"))}
    assert left_out == {"notebook.ipynb", "README.zh.md"}


def pins(file: str) -> dict[str, str]:
    """The version of each package that a file of requirements pins."""
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    found = [Requirement(line.partition("#")[0]) for line in lines if not line.startswith("#")]
    return {canonicalize_name(one.name): str(one.specifier).removeprefix("==") for one in found}


def test_the_app_is_pinned_to_what_the_ranges_name() -> None:
    pinned = pins("requirements.txt")
    of_ray = {canonicalize_name(one.name) for one in EXTRAS["scale"]}
    assert pinned.keys() == {canonicalize_name(one.name) for one in RANGES} - of_ray
    assert of_ray <= pins("tests/requirements.txt").keys()


def test_the_table_of_networks_is_of_the_pinned_versions() -> None:
    pinned = pins("requirements.txt")
    sources = (row.source for row in read_table())
    packages = {source.partition(",")[0] for source in sources if not source.startswith("trained")}
    assert {one.partition("+")[0] for one in packages} == {
        f"{name} {pinned[name]}" for name in ("timm", "torchvision")
    }


@pytest.mark.parametrize("requirement", RANGES, ids=str)
def test_each_pin_lies_in_its_range_and_is_installed(requirement: Requirement) -> None:
    pinned = (pins("requirements.txt") | pins("tests/requirements.txt"))[
        canonicalize_name(requirement.name)
    ]
    assert any(one.operator == ">=" for one in requirement.specifier)
    assert requirement.specifier.contains(pinned)
    assert version(requirement.name) == pinned


def test_what_is_required_of_an_extra_is_in_it() -> None:
    called = set()
    for path in FILES:
        if path.suffix == ".py":
            text = (ROOT / path).read_text(encoding="utf-8")
            called |= set(re.findall(r'require\("(\w+)", "(\w+)"\)', text))
    assert {extra for _, extra in called} == EXTRAS.keys()
    for package, extra in called:
        assert package in {requirement.name for requirement in EXTRAS[extra]}, package


def test_the_version_stands_in_one_place() -> None:
    assert PROJECT["project"]["dynamic"] == ["version"]
    assert SETUPTOOLS["dynamic"] == {"version": {"attr": "eca_viz.version.__version__"}}
    assert re.fullmatch(r"\d+\.\d+\.\d+", eca_viz.__version__)
