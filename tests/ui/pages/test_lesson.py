"""The Lesson page, without a browser."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import eca_viz
from eca_viz.images.samples import SAMPLES
from eca_viz.ui import cache, state
from eca_viz.ui.lesson.steps import SHORT, STEPS
from tests.ui.factories import (
    LESSON,
    charts_by_alt,
    decode,
    make_app,
    texts,
    without_errors,
)


def open_step(app: AppTest, step: str = "", **address: str) -> AppTest:
    without_errors(app.run())
    app.switch_page(LESSON)
    for key, value in {state.LESSON_STEP: step, **address}.items():
        if value:
            app.query_params[key] = value
    return without_errors(app.run())


def heading(app: AppTest) -> str:
    return str(app.header[0].value)


def click(app: AppTest, key: str) -> AppTest:
    return without_errors(app.button(key=key).click().run())


@pytest.mark.parametrize("path", ["", "short"])
def test_next_and_back_lead_through_the_path(path: str) -> None:
    app = open_step(make_app(), **{state.LESSON_PATH: path})
    steps = SHORT if path else STEPS
    for step in steps:
        assert heading(app) == step.title
        assert app.query_params[state.LESSON_STEP] == step.id
        click(app, "lesson_next")
    assert heading(app) == "What you guessed"
    assert app.button(key="lesson_next").disabled
    for step in reversed(steps):
        click(app, "lesson_back")
        assert heading(app) == step.title
    assert app.button(key="lesson_back").disabled


def test_the_first_step_shows_the_samples_maps(app: AppTest) -> None:
    open_step(app)
    ((alt, chart),) = charts_by_alt(app).items()
    image = SAMPLES[0].read()
    network = eca_viz.load_network("eca_resnet18_imagenette")
    explanation = eca_viz.explain(image, network, ())
    before = eca_viz.feature_maps(network, explanation, "layer1.0.eca").before
    channels = [int(one) for one in alt.rpartition("channels ")[2].split(", ")]
    for channel, trace in zip(channels, chart["data"], strict=True):
        np.testing.assert_allclose(decode(trace["z"]), before[channel], rtol=1e-4, atol=1e-5)


def test_a_guess_comes_before_the_answer_and_is_kept(app: AppTest) -> None:
    open_step(app, "bottleneck")
    assert not charts_by_alt(app)
    assert app.info[0].value == "The figure follows your guess."
    click(app, "answer-0")
    assert len(charts_by_alt(app)) == 1
    assert ":material/close: SE: it sees all channels (your guess)" in texts(app)
    assert ":material/check: **SE-Var2: it sees each channel directly**" in texts(app)
    click(app, "lesson_next")
    click(app, "lesson_next")
    click(app, "answer-1")
    assert ":material/check: **A third of a point of top-1** (your guess)" in texts(app)
    app.query_params[state.LESSON_STEP] = "adaptive"
    without_errors(app.run())
    click(app, "answer-skip")
    assert "(your guess)" not in texts(app)
    assert len(charts_by_alt(app)) == 1
    app.query_params[state.LESSON_STEP] = "end"
    without_errors(app.run())
    assert "**1 of 2** guesses held." in texts(app)
    assert "Not guessed: *How wide should the window be?*" in texts(app)


def test_no_guess_is_said_at_the_end(app: AppTest) -> None:
    open_step(app, "end")
    assert "No guess yet. The steps that ask are: *Does the bottleneck help?*" in texts(app)


def test_the_slider_picks_the_channels(app: AppTest) -> None:
    open_step(app, "adaptive")
    click(app, "answer-2")
    without_errors(app.select_slider(key=state.LESSON_CHANNELS).set_value(64).run())
    assert "**k = 3** for C = 64" in texts(app)


@pytest.mark.parametrize(
    ("step", "path", "expected"),
    [
        ("groups", "short", "Does the bottleneck help?"),
        ("nothing", "", "What a channel is"),
        ("gate", "other", "A gate multiplies"),
    ],
)
def test_an_address_that_does_not_fit_opens_the_step_before(
    step: str, path: str, expected: str
) -> None:
    assert heading(open_step(make_app(), step, **{state.LESSON_PATH: path})) == expected


def test_the_step_is_kept_when_another_page_was_open(app: AppTest) -> None:
    open_step(app, "gate")
    app.query_params.clear()
    without_errors(app.switch_page("../pages/kernels.py").run())
    without_errors(app.switch_page(LESSON).run())
    assert heading(app) == "A gate multiplies"


def test_a_path_that_is_not_there_leaves_the_address(app: AppTest) -> None:
    open_step(app, "se", **{state.LESSON_PATH: "scenic"})
    assert state.LESSON_PATH not in app.query_params
    assert heading(app) == "SE: through a bottleneck"


def test_the_picker_and_the_path(app: AppTest) -> None:
    open_step(app)
    without_errors(app.selectbox(key="lesson_picker-channel").select("band").run())
    assert heading(app) == "The band: every gate has neighbours"
    (path,) = [one for one in app.button_group if one.key == "lesson_length-long"]
    without_errors(path.set_value("short").run())
    assert app.query_params[state.LESSON_PATH] == "short"
    assert heading(app) == "Does the bottleneck help?"
    assert app.selectbox(key="lesson_picker-bottleneck").label == f"Step 5 of {len(SHORT) + 1}"
    (path,) = [one for one in app.button_group if one.key == "lesson_length-short"]
    without_errors(path.set_value("long").run())
    assert app.query_params[state.LESSON_PATH] == "long"


def test_notes_for_the_teacher_name_every_step_of_the_path(app: AppTest) -> None:
    open_step(app, "shared", **{state.LESSON_PATH: "short"})
    app.session_state[state.LESSON_NOTES] = True
    without_errors(app.run())
    (notes,) = [one for one in app.expander if one.label == "For the teacher"]
    said = "\n".join(one.value for one in notes.markdown)
    assert "draws new random taps at each call" in said
    for step in STEPS:
        assert (f"| {step.title} |" in said) == step.short


def test_a_page_opened_from_a_step_leads_back(app: AppTest) -> None:
    app.query_params[state.LESSON] = "numbers"
    without_errors(app.run())
    links = [one.proto.label for one in app.get("page_link")]
    assert "Back to the lesson: One gate, number by number" in links
    app.query_params[state.LESSON] = "nothing"
    without_errors(app.run())
    assert not [one for one in app.get("page_link") if "lesson" in one.proto.label]


def test_what_fails_is_a_sentence_in_place_of_the_figure(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_step(app, "se")

    def fail(*given: object) -> None:
        raise eca_viz.NetworkError("the weights are gone; restore them")

    monkeypatch.setattr(cache, "lesson_start", fail)
    app.run()
    assert not app.exception
    assert app.error[0].value == "the weights are gone; restore them"
    assert heading(app) == "SE: through a bottleneck"


def test_the_network_without_attention_is_told_so(app: AppTest) -> None:
    app.run()
    app.selectbox(key=state.NETWORK).select("resnet_tiny_none").run()
    without_errors(app.switch_page(LESSON).run())
    assert "has no attention layers" in app.info[0].value


def test_presenting_leaves_what_is_for_reading_alone(app: AppTest) -> None:
    app.session_state[state.PRESENT] = True
    open_step(app, "shared")
    assert not [one for one in app.expander if one.label == "For the teacher"]
    assert not app.subheader
    for chart in charts_by_alt(app).values():
        assert chart["layout"]["font"]["size"] == 20
    click(app, "end_presentation")
    assert [one for one in app.expander if one.label == "For the teacher"]


def test_an_address_that_has_not_followed_yet_does_not_lead_back(app: AppTest) -> None:
    """What a component tells comes with the address before the step; later it is a person's."""
    open_step(app, "gate")
    click(app, "lesson_next")
    app.query_params[state.LESSON_STEP] = "gate"
    without_errors(app.run())
    assert heading(app) == "SE: through a bottleneck"
    app.session_state[state.LESSON_LEFT] = ("gate", 0.0)
    app.query_params[state.LESSON_STEP] = "gate"
    without_errors(app.run())
    assert heading(app) == "A gate multiplies"
