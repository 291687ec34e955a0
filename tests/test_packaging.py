"""What is installed: every folder of the package, its scripts and its assets."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
SETUPTOOLS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]
FILES = [
    path.relative_to(ROOT)
    for path in (ROOT / "eca_viz").rglob("*")
    if path.is_file() and "__pycache__" not in path.parts
]


def test_every_folder_is_a_package() -> None:
    folders = {".".join(path.parent.parts) for path in FILES}
    assert set(SETUPTOOLS["packages"]) == folders | {"eca_viz.assets"}


def test_every_file_is_code_or_matches_the_package_data() -> None:
    patterns = SETUPTOOLS["package-data"]["*"]
    for path in FILES:
        assert path.suffix == ".py" or any(path.match(pattern) for pattern in patterns), path


def test_the_assets_are_those_that_the_code_reads() -> None:
    installed = {
        path.relative_to(ROOT / "assets").as_posix()
        for pattern in SETUPTOOLS["package-data"]["eca_viz.assets"]
        for path in (ROOT / "assets").glob(pattern)
    }
    kept = {path.relative_to(ROOT / "assets").as_posix() for path in (ROOT / "assets").rglob("*.*")}
    assert kept - installed == {"icon.png", "notebook.ipynb", "screenshot.png"}
