"""What is loaded before and behind the first page."""

import asyncio
import subprocess
import sys
import threading
import time

import pytest

from eca_viz.ui import engine
from tests.ui.factories import ROOT


def test_what_the_first_page_needs_is_imported_while_the_app_starts() -> None:
    async def start() -> None:
        async with engine.preloaded(None):
            assert not engine._imported.is_set() or "eca_viz.ui.sidebar.sidebar" in sys.modules

    asyncio.run(start())
    engine.imported()
    needed = {"eca_viz.figures", "eca_viz.ui.sidebar.sidebar", "eca_viz.ui.sections.one_layer"}
    assert needed <= sys.modules.keys()


def test_the_charts_of_the_first_page_can_be_drawn_ahead() -> None:
    engine._draw_once()


def test_the_network_is_loaded_behind_the_page() -> None:
    engine.hurry()
    engine.load_behind()
    assert engine._done.wait(120)
    assert "eca_viz.pipeline" in sys.modules
    assert sys.getswitchinterval() == pytest.approx(engine.SWITCH)


def test_pandas_is_there_before_anything_is_loaded_behind() -> None:
    """Plotly fails where another thread is importing it, so that no page has a turn meanwhile."""
    code = """
import builtins, sys
from eca_viz.ui import engine, turns

real, alone = builtins.__import__, []

def note(name, *args):
    if name == "pandas":
        alone.append(turns.PAGES._alone)
    return real(name, *args)

builtins.__import__ = note
assert "pandas" not in sys.modules
with turns.PAGES.turn(print):
    engine.hurry()
assert hasattr(sys.modules["pandas"], "Series") and alone[0], alone
"""
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def test_the_server_ends_after_the_imports_that_have_begun(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ended: list[str] = []

    def preload() -> None:
        time.sleep(0.3)
        ended.append("imports")
        engine._imported.set()

    async def serve() -> None:
        async with engine.preloaded(None):
            assert not ended
        ended.append("server")

    monkeypatch.setattr(engine, "_preload", preload)
    asyncio.run(serve())
    assert ended == ["imports", "server"]


@pytest.mark.parametrize("asked", [True, False])
def test_the_server_ends_after_what_is_loaded_if_that_has_begun(
    asked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    started, begun, done = threading.Lock(), threading.Event(), threading.Event()
    started.acquire()
    if asked:
        begun.set()
    for name, value in (("_started", started), ("_asked", begun), ("_done", done)):
        monkeypatch.setattr(engine, name, value)
    monkeypatch.setattr(engine, "_preload", engine._imported.set)
    timer = threading.Timer(0.3, done.set)

    async def serve() -> None:
        async with engine.preloaded(None):
            timer.start()

    asyncio.run(serve())
    assert done.is_set() is asked
    timer.join()
