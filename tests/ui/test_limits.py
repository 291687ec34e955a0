"""How many visits there may be at once, and how much each may upload."""

import weakref

import pytest

from eca_viz.ui import limits, state
from tests.ui.factories import healthy, make_app, png, without_errors


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
    without_errors(second.run())
    assert not second.warning
    assert second.sidebar.radio


def test_images_above_the_limits_of_a_visit_get_a_sentence_and_lose_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ECA_VIZ_MOST_IMAGES", "2")
    app = make_app()
    without_errors(app.run())
    pictures = [(f"{name}.png", png(seed), "image/png") for seed, name in enumerate("abc")]
    healthy(app.file_uploader(key=state.UPLOADS).set_value(pictures).run())
    assert [one.value for one in app.sidebar.error] == [
        "A visit holds 2 images; remove some to look at others."
    ]
    assert [option for option in app.radio(key=state.IMAGE).options if "png" in option] == [
        "b.png",
        "a.png",
    ]
    assert app.session_state[state.IMAGE].startswith(state.UPLOAD_PREFIX)


def test_the_size_of_all_images_of_a_visit_is_limited() -> None:
    full = limits.limits().megabytes * 2**20
    assert limits.too_much([full - 1, 1]) is None
    assert "300 MB together" in str(limits.too_much([full, 1]))


def test_limits_are_set_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    default = limits.limits()
    monkeypatch.setenv("ECA_VIZ_MOST_IMAGES", "7")
    monkeypatch.setenv("ECA_VIZ_MOST_MEGABYTES", "many")
    assert limits.limits() == limits.Limits(visits=default.visits, images=7)
