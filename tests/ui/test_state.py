"""What the session keeps."""

import pytest

from eca_viz.ui import state


def test_a_click_that_only_a_fragment_hears_of_runs_the_page(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reruns: list[str] = []
    session: dict[str, object] = {state.SOURCE: "Bundled"}
    monkeypatch.setattr(state.st, "session_state", session)
    monkeypatch.setattr(state.st, "rerun", lambda: reruns.append("rerun"))
    state.note_drawn()
    session[state.LAYER] = "layer1.0.eca"  # is picked inside the fragment
    state.rerun_if_outdated()
    assert reruns == []
    session[state.SOURCE] = "ImageNet"
    state.rerun_if_outdated()
    assert reruns == ["rerun"]
    state.note_drawn()
    state.rerun_if_outdated()
    assert reruns == ["rerun"]


def test_a_step_or_a_guess_that_another_fragment_got_runs_the_page(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reruns: list[str] = []
    session: dict[str, object] = {state.LESSON_STEP: "channel"}
    monkeypatch.setattr(state.st, "session_state", session)
    monkeypatch.setattr(state.st, "rerun", lambda: reruns.append("rerun"))
    state.note_drawn()
    session[state.LESSON_STEP] = "pooling"
    state.rerun_if_outdated(lesson=False)  # the lesson's own fragment draws it
    assert reruns == []
    state.rerun_if_outdated()
    assert reruns == ["rerun"]
    state.note_drawn()
    state.guess("bottleneck", 1)
    state.rerun_if_outdated()
    assert reruns == ["rerun", "rerun"]
    assert state.guesses() == {"bottleneck": 1}
