"""What is loaded before and behind the first page."""

import asyncio
import sys

from eca_viz.ui import engine


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
