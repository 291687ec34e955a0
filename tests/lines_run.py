"""Notes which lines of `eca_viz` run in this process, from the import of this module on.

`sys.settrace`, which coverage uses on Python 3.11, slows every Python function down, those of
PyTorch, Plotly and Streamlit too. Slipcover puts a call before each line of the package alone.
"""

import functools
import os
from types import CodeType

from coverage import CoverageData
from slipcover import FileMatcher, ImportManager, Slipcover
from streamlit.runtime.scriptrunner.script_cache import ScriptCache

from tests.coverage_floor import ROOT

OURS = FileMatcher([ROOT / "eca_viz"])
NOTED = Slipcover(d_miss_threshold=-1)  # it replaces no code that runs already
ImportManager(NOTED, OURS).__enter__()

# Streamlit imports no page: it compiles the file.
_instrument = functools.cache(NOTED.instrument)
_get_bytecode = ScriptCache.get_bytecode


def _get_noted_bytecode(self: ScriptCache, script_path: str) -> CodeType:
    code = _get_bytecode(self, script_path)
    return _instrument(code) if OURS.matches(script_path) else code


ScriptCache.get_bytecode = _get_noted_bytecode


def write() -> None:
    """What was noted, in a file of this process's own for `python -m tests.coverage_floor`."""
    data = CoverageData(str(ROOT / ".coverage"), suffix=str(os.getpid()))
    data.erase()
    files = NOTED.get_coverage()["files"]
    data.add_lines({str(ROOT / name): file["executed_lines"] for name, file in files.items()})
    data.write()
