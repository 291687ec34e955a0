"""The wheel, and environments outside the checkout that hold it with what it declares."""

import shutil
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
SITE = Path(sysconfig.get_path("purelib"))
SOURCES = (".streamlit", "assets", "eca_viz", "pyproject.toml", "README.md", "LICENSE")


def build(folder: Path) -> Path:
    """The wheel, built from a copy of the sources, since setuptools writes beside them."""
    copy = folder / "sources"
    for name in SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, copy / name)
    command = ["wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder)]
    _pip(*command, str(copy))
    (wheel,) = folder.glob("*.whl")
    return wheel


def environment(folder: Path, wheel: Path, *extras: str) -> Path:
    """A new environment with the wheel and, as links, what its metadata asks for; nothing else.

    Args:
        folder: Where it is made.
        wheel: What is installed.
        extras: Names of the extras that are installed with it.

    Returns:
        The folder of its executables.
    """
    venv.create(folder, with_pip=False, symlinks=True)
    (site,) = (folder / "lib").glob("python*/site-packages")
    python = folder / "bin" / "python"
    options = ["--quiet", "--no-deps", "--no-index", "--no-compile"]
    _pip("--python", str(python), "install", *options, str(wheel))
    (metadata,) = site.glob("eca_viz-*.dist-info")
    for one in _required(Distribution.at(metadata), frozenset(extras), set()):
        for file in one.files or ():
            top = file.parts[0]
            if top not in {"..", "__pycache__"} and not (site / top).exists():
                (site / top).symlink_to(SITE / top)
    return folder / "bin"


def _required(
    given: Distribution, extras: frozenset[str], seen: set[tuple[str, frozenset[str]]]
) -> Iterator[Distribution]:
    """What a distribution requires, and all that this requires."""
    for line in given.requires or ():
        wanted = Requirement(line)
        key = (canonicalize_name(wanted.name), frozenset(wanted.extras))
        needed = wanted.marker is None or any(
            wanted.marker.evaluate({"extra": extra}) for extra in extras or {""}
        )
        if needed and key not in seen:
            seen.add(key)
            found = distribution(wanted.name)
            yield found
            yield from _required(found, frozenset(wanted.extras), seen)


def _pip(*arguments: str) -> None:
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", *arguments]
    subprocess.run(command, check=True)
