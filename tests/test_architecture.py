"""The house: who may import whom, how long a module may be, and what tests may share."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MODULES = sorted((ROOT / "eca_viz").rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
LONGEST = 320

# Room → the rooms of eca_viz that it may import, downwards only. A room is a module beside
# `__init__` or a folder with all that is in it.
GROUND = {"errors", "kernel_size", "lookup", "paths", "progress", "records", "settings"}
GROUND |= {"storage", "version"}
# What any room may import: it imports nothing itself.
EVERYWHERE = {"locale"}
ALLOWED = {
    "locale": set(),
    "errors": set(),
    "kernel_size": set(),
    "paths": set(),
    "progress": set(),
    "storage": {"errors"},
    "version": {"errors"},
    "records": {"errors"},
    "lookup": {"errors"},
    "settings": {"errors"},
    "images": {"errors", "lookup", "records", "storage"},
    "analysis": {"errors", "kernel_size", "records"},
    "attention": {"errors", "kernel_size", "lookup"},
    "figures": {"analysis", "images", "kernel_size", "records"},
    "export": {"analysis", "errors", "figures", "images", "paths", "records"}
    | {"storage", "version"},
    "networks": GROUND | {"attention", "images"},
    "gates": GROUND | {"attention", "images", "networks"},
    "saliency": GROUND | {"analysis", "attention", "gates", "networks"},
    "inspection": GROUND | {"attention", "gates", "networks", "saliency"},
    "statistics": GROUND | {"gates", "images", "networks", "saliency"},
    "pipeline": GROUND | {"attention", "gates", "images", "networks", "saliency"},
    "training": GROUND | {"analysis", "attention", "gates", "images", "networks"},
    "benchmark": GROUND
    | {"attention", "gates", "images", "inspection", "networks", "pipeline", "saliency"}
    | {"statistics"},
    "ui": GROUND
    | {"analysis", "attention", "export", "figures", "gates", "images", "inspection"}
    | {"networks", "pipeline", "saliency", "statistics"},
    "cli": GROUND
    | {"analysis", "attention", "benchmark", "export", "gates", "images", "inspection"}
    | {"networks", "pipeline", "saliency", "statistics", "training", "ui"},
    "__init__": GROUND
    | {"analysis", "attention", "export", "gates", "inspection", "networks", "pipeline"}
    | {"saliency", "statistics", "ui"},
    "__main__": {"cli"},
}
# Library → the rooms that may import it.
HOMES = {
    "streamlit": {"ui"},
    "captum": {"saliency", "benchmark"},
    "plotly": {"export", "figures", "records", "ui"},  # in records as the name of a type
    "torch": {"attention", "networks", "gates", "saliency", "inspection", "pipeline"}
    | {"statistics", "training", "benchmark"},
    "ray": {"statistics"},
    "torchvision": {"networks", "training", "inspection"},
    "timm": {"networks"},
    "huggingface_hub": {"networks"},
}


def room(path: Path) -> str:
    return path.relative_to(ROOT / "eca_viz").parts[0].removesuffix(".py")


def imported(path: Path) -> set[str]:
    """Dotted names of all modules that a file imports, also inside functions."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.module, f"a relative import in {path}"
            assert node.level == 0, f"a relative import in {path}"
            names.add(node.module)
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def rooms_imported(path: Path) -> set[str]:
    parts = [name.split(".") for name in imported(path)]
    found = {part[1] for part in parts if part[0] == "eca_viz" and len(part) > 1}
    return found & ALLOWED.keys()


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_go_downwards_only(path: Path) -> None:
    here = room(path)
    assert rooms_imported(path) <= ALLOWED[here] | {here, *EVERYWHERE}
    libraries = {name.split(".")[0] for name in imported(path)}
    for library, homes in HOMES.items():
        assert library not in libraries or here in homes, f"{library} in {here}"


def test_records_reach_upwards_in_one_module() -> None:
    """`records.display` imports by name what draws a record; nothing else does so."""
    found = {
        str(path.relative_to(ROOT / "eca_viz"))
        for path in MODULES
        if "import_module(f" in path.read_text(encoding="utf-8")
    }
    assert found == {"records/display.py"}


def test_pages_stay_free_of_torch() -> None:
    for path in (ROOT / "eca_viz" / "ui").rglob("*.py"):
        assert not {"torch", "captum"} & {name.split(".")[0] for name in imported(path)}


def test_the_router_imports_only_what_draws_the_first_frame() -> None:
    assert imported(ROOT / "app.py") == {
        "streamlit",
        "eca_viz.ui.application",
        "eca_viz.ui.application.surroundings",
    }
    assert imported(ROOT / "eca_viz" / "ui" / "app" / "router.py") == {
        "streamlit",
        "eca_viz.ui.pages",
        "eca_viz.ui.pages.PAGES",
        "eca_viz.ui.start",
        "eca_viz.ui.start.ICON",
        "eca_viz.ui.start.start",
        "eca_viz.locale.texts",
        "eca_viz.locale.texts.tr",
        "eca_viz.ui",
        "eca_viz.ui.fallback",
        "eca_viz.ui.first_address",
        "eca_viz.ui.language",
        "eca_viz.ui.limits",
        "eca_viz.ui.turns",
    }
    code = (
        "import sys, eca_viz.ui.pages, eca_viz.ui.start, eca_viz.ui.application;"
        "assert not {'numpy', 'pandas', 'torch', 'captum'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


FIRST_PAGE = """
import sys
from streamlit.testing.v1 import AppTest
from eca_viz.ui import engine

engine.HEAD_START = 1000.0  # nothing is loaded behind the page
app = AppTest.from_file("eca_viz/ui/app/router.py", default_timeout=120).run()
first = len(app.get("plotly_chart"))
app.session_state["first_screen_drawn"] = True
app.run()
assert not app.exception and not app.error
assert (first, len(app.get("plotly_chart"))) == (4, 7)
slow = {"torch", "torchvision", "captum", "timm", "pandas", "scipy", "matplotlib"}
print(sorted(slow & set(sys.modules)))
"""


def test_the_first_page_needs_neither_torch_nor_pandas() -> None:
    done = subprocess.run(
        [sys.executable, "-c", FIRST_PAGE], check=True, cwd=ROOT, capture_output=True, text=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_rooms_form_no_circle() -> None:
    left = {name: set(below) - {name} for name, below in ALLOWED.items()}
    while left:
        free = [name for name, below in left.items() if not below & left.keys()]
        assert free, f"a circle among {sorted(left)}"
        for name in free:
            del left[name]


@pytest.mark.parametrize("path", TESTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_tests_import_no_test_module_and_no_conftest(path: Path) -> None:
    """Builders stand in `factories`, fixtures in the nearest conftest."""
    for name in imported(path):
        parts = name.split(".")
        assert parts[0] != "tests" or not any(
            part == "conftest" or part.startswith("test_") for part in parts
        ), name
    assert not re.search(r"^__all__\b", path.read_text(encoding="utf-8"), re.MULTILINE)


def test_modules_stay_short() -> None:
    for path in MODULES:
        assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST, path


def test_the_top_level_holds_only_what_belongs_there() -> None:
    allowed = {"app.py", "eca_viz", "assets", "tests", "requirements.txt", "README.md"}
    allowed |= {"LICENSE", "CHANGELOG.md", "CITATION.cff", "pyproject.toml"}
    allowed |= {"runs", "out", "build", "__pycache__"}  # ignored by git
    found = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}
    assert found - {name for name in found if name.endswith(".egg-info")} <= allowed


def test_every_requirement_is_pinned_with_a_reason() -> None:
    for file in (ROOT / "requirements.txt", ROOT / "tests" / "requirements.txt"):
        lines = [line for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
        for line in lines:
            assert line.startswith("#") or ("==" in line and "  # " in line), line


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_public_functions_name_their_arguments(path: Path) -> None:
    """Those of a module with more than two parameters; methods follow their base."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            given = node.args.posonlyargs + node.args.args + node.args.kwonlyargs
            text = ast.get_docstring(node) or ""
            assert text, f"{node.name} has no docstring"
            assert len(given) <= 2 or "Args:" in text, f"{node.name} names no arguments"
