"""The floor of coverage finds modules that tests run too little of, or never import."""

from pathlib import Path

import pytest
from coverage import Coverage, CoverageData

from tests.coverage_floor import EXCEPTIONS, ROOT, too_low


@pytest.fixture
def package(tmp_path: Path) -> Path:
    package = tmp_path / "package"
    package.mkdir()
    for name in ("never", "half", "most"):
        (package / f"{name}.py").write_text("a = 1\nb = 2\nc = 3\nd = 4\n" * 5)
    (package / "empty.py").write_text('"""Nothing to run."""\n')
    return package


def test_each_module_is_held_to_the_floor(package: Path, tmp_path: Path) -> None:
    data = CoverageData(str(tmp_path / "data"))
    lines = {"half": range(1, 11), "most": range(1, 18)}
    data.add_lines({str(package / f"{name}.py"): found for name, found in lines.items()})
    data.write()
    coverage = Coverage(data_file=str(tmp_path / "data"), config_file=False)
    coverage.load()
    assert too_low(coverage, package) == [
        "package/half.py: tests run 50.0 % of its lines, not 85 %",
        "package/never.py: tests run 0.0 % of its lines, not 85 %",
    ]


def test_exceptions_are_modules() -> None:
    assert all((ROOT / name).is_file() for name in EXCEPTIONS)
