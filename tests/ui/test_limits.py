"""How many visits there may be at once, and how much each may upload."""

import gc
import weakref

import pytest

from eca_viz.ui import limits
from tests.ui.factories import make_app, without_errors


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "_visits", weakref.WeakSet())


def test_a_visit_too_many_is_told_so_and_another_that_ends_makes_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ECA_VIZ_MOST_VISITS", "1")
    first, second = make_app(), make_app()
    without_errors(first.run())
    assert not first.warning
    without_errors(second.run())
    assert "serves 1 visitor at a time" in second.warning[0].value
    assert not second.sidebar.radio
    without_errors(first.run())
    assert not first.warning

    del first
    gc.collect()
    without_errors(second.run())
    assert not second.warning
    assert second.sidebar.radio


def test_limits_are_set_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    default = limits.limits()
    monkeypatch.setenv("ECA_VIZ_MOST_IMAGES", "7")
    monkeypatch.setenv("ECA_VIZ_MOST_MEGABYTES", "many")
    assert limits.limits() == limits.Limits(visits=default.visits, images=7)
