"""Fails where tests run too few of a module's lines: `python -m tests.coverage_floor`.

Reads what `tests/lines_run.py` noted. Coverage itself has a floor for the total only.
"""

import sys
from pathlib import Path

from coverage import Coverage

ROOT = Path(__file__).parents[1]
FLOOR = 85
# Module → the floor that it has instead, in percent of its lines.
EXCEPTIONS = {
    # Whole measurements take minutes: tests run their parts, and the command runs the rest.
    "eca_viz/benchmark/measure.py": 45,
    "eca_viz/benchmark/memory.py": 57,
    "eca_viz/benchmark/times.py": 75,
    "eca_viz/__main__.py": 0,  # runs as a program, in processes of its own or by runpy
    "eca_viz/images/decoding.py": 50,  # the rest runs in processes of its own
    "eca_viz/networks/files/unpickle.py": 0,  # runs in a process of its own
    "eca_viz/statistics/on_ray.py": 75,  # actors run in processes of Ray's
    "eca_viz/storage/copy_table.py": 60,  # the rest runs in a process of its own
    "eca_viz/ui/application.py": 0,  # starts the app's process, from the command line
    "eca_viz/ui/readiness.py": 40,  # answers in the app's process
    "eca_viz/ui/serving.py": 60,  # a browser test starts it in a script's process
    "eca_viz/ui/components/zip_button.py": 60,  # the rest answers a browser, in the app's process
}


def too_low(coverage: Coverage, package: Path = ROOT / "eca_viz") -> list[str]:
    """A sentence for each module below its floor; one that was never imported has 0 %."""
    found = []
    for path in sorted(package.rglob("*.py")):
        _, lines, _, missing, _ = coverage.analysis2(str(path))
        percent = 100 - 100 * len(missing) / max(len(lines), 1)
        name = path.relative_to(package.parent).as_posix()
        floor = EXCEPTIONS.get(name, FLOOR)
        if percent < floor:
            found.append(f"{name}: tests run {percent:.1f} % of its lines, not {floor} %")
    return found


if __name__ == "__main__":
    measured = Coverage(data_file=str(ROOT / ".coverage"), config_file=False)
    measured.combine([str(ROOT)])  # of all of pytest-xdist's processes
    sys.exit("\n".join(too_low(measured)) or None)  # an empty text would be a failure
