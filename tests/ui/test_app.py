"""Each page's states, without a browser."""

import hashlib
import io
from pathlib import Path

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

import eca_viz
from eca_viz import pipeline
from eca_viz.images.reading import read_image
from eca_viz.images.samples import SAMPLES
from eca_viz.networks import loading
from eca_viz.ui import cache, long_work, state
from eca_viz.ui.components import widgets
from eca_viz.ui.pages import PAGES
from eca_viz.ui.sidebar import sidebar
from tests.factories import make_pixels
from tests.ui.factories import (
    ATTENTION,
    COMPARE,
    KERNELS,
    MECHANISMS,
    SALIENCY,
    WHAT_IF,
    charts,
    healthy,
    png,
    texts,
)


def test_first_visit_shows_a_complete_result(app: AppTest) -> None:
    healthy(app.run())
    assert app.title[0].value == "Attention"
    best = eca_viz.explain(SAMPLES[0].read(), saliency=()).predictions[0]
    assert f"Prediction: {best.label}" in texts(app)
    assert "knows only 10 classes (tench, English springer" in texts(app)
    assert "danielbuechele" in texts(app)
    assert "CC BY 2.0" in texts(app)
    assert len(charts(app)) == 6
    assert not app.error


def test_the_first_screen_comes_before_what_lies_below(app: AppTest) -> None:
    del app.session_state[state.FIRST_SCREEN]
    healthy(app.run())
    assert len(charts(app)) == 3
    assert "Downloads" not in texts(app)
    app.session_state[state.FIRST_SCREEN] = True
    healthy(app.run())
    assert len(charts(app)) == 6
    assert "Downloads" in texts(app)


def test_every_sample_can_be_chosen(app: AppTest) -> None:
    healthy(app.run())
    for sample in SAMPLES:
        healthy(app.radio(key=state.IMAGE).set_value(sample.name).run())
        assert sample.credit in texts(app)


def test_another_layer_changes_the_layers_charts(app: AppTest) -> None:
    healthy(app.run())
    last = charts(app)
    picker = app.selectbox(key=state.LAYER)
    assert picker.value == "layer3.1.eca"
    healthy(picker.set_value("layer1.0.eca").run())
    first = charts(app)
    assert first[:3] == last[:3]
    assert first[3] != last[3]
    assert "**C = 64**, **k = 3**" in texts(app)


def test_upload_is_shown_at_once_and_stays_across_pages(app: AppTest) -> None:
    healthy(app.run())
    healthy(app.file_uploader(key=state.UPLOADS).upload("mine.png", png(3), "image/png").run())
    assert app.radio(key=state.IMAGE).value.startswith(state.UPLOAD_PREFIX)
    expected = eca_viz.explain(png(3), saliency=()).predictions[0]
    assert f"Prediction: {expected.label}" in texts(app)
    assert "your image" in texts(app)
    healthy(app.switch_page(KERNELS).run())
    assert app.radio(key=state.IMAGE).value.startswith(state.UPLOAD_PREFIX)


def test_several_uploads_can_be_switched_between(app: AppTest) -> None:
    healthy(app.run())
    uploader = app.file_uploader(key=state.UPLOADS)
    uploader.upload("one.png", png(1), "image/png")
    uploader.upload("two.png", png(2), "image/png")
    healthy(app.run())
    options = app.radio(key=state.IMAGE).options
    assert options[:2] == ["two.png", "one.png"]
    assert len(options) == 2 + len(SAMPLES)


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("empty.png", b"", "empty.png is empty"),
        ("notes.jpg", b"just text", "notes.jpg is not an image"),
        ("half.png", png()[:900], "half.png is damaged"),
    ],
)
def test_a_bad_upload_gets_a_sentence_and_what_was_there_stays(
    name: str, data: bytes, sentence: str, app: AppTest
) -> None:
    healthy(app.run())
    before = charts(app)
    healthy(app.file_uploader(key=state.UPLOADS).upload(name, data, "image/png").run())
    assert [sentence in error.value for error in app.error] == [True]
    assert app.radio(key=state.IMAGE).value == SAMPLES[0].name
    assert charts(app) == before


def test_saliency_page_draws_the_chosen_methods(app: AppTest) -> None:
    healthy(app.run())
    healthy(app.switch_page(SALIENCY).run())
    assert [heading.value for heading in app.header] == ["Grad-CAM", "Scorecard", "Downloads"]
    assert len(charts(app)) == 1
    healthy(app.multiselect(key=state.METHODS).set_value(["integrated_gradients"]).run())
    assert "Convergence delta" in texts(app)
    healthy(app.multiselect(key=state.METHODS).set_value(["saliency", "guided_backprop"]).run())
    assert {"Saliency", "Guided Backprop"} <= {heading.value for heading in app.header}
    healthy(app.multiselect(key=state.METHODS).set_value([]).run())
    assert "Choose at least one method" in app.info[0].value


def test_strength_and_shared_scale_redraw_without_recomputing(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    healthy(app.run())
    healthy(app.switch_page(SALIENCY).run())
    methods = ["input_x_gradient", "integrated_gradients"]
    healthy(app.multiselect(key=state.METHODS).set_value(methods).run())
    before = charts(app)
    monkeypatch.setattr(pipeline, "saliency_map", lambda *_, **__: pytest.fail("ran again"))
    healthy(app.slider(key=state.STRENGTH).set_value(0.3).run())
    assert [chart["data"][0]["opacity"] for chart in charts(app)] == [0.3, 0.3]
    healthy(app.toggle(key=state.SHARED).set_value(True).run())
    limits = {chart["data"][0]["zmax"] for chart in charts(app)}
    assert len(limits) == 1
    assert len({chart["data"][0]["zmax"] for chart in before}) == 2


def test_another_class_changes_the_maps(app: AppTest) -> None:
    healthy(app.run())
    healthy(app.switch_page(SALIENCY).run())
    healthy(app.multiselect(key=state.METHODS).set_value(["grad_cam"]).run())
    before = charts(app)
    healthy(app.selectbox(key=state.TARGET).set_value("golf ball").run())
    assert "For the class **golf ball**" in texts(app)
    assert charts(app) != before


def test_parameters_are_drawn_from_their_declaration(app: AppTest) -> None:
    healthy(app.run())
    healthy(app.switch_page(SALIENCY).run())
    healthy(
        app.multiselect(key=state.METHODS).set_value(["grad_cam", "integrated_gradients"]).run()
    )
    steps = app.slider(key=state.setting_key("integrated_gradients", "n_steps"))
    assert (steps.value, steps.min, steps.max, steps.step) == (50, 10, 200, 10)
    before = charts(app)[1]
    healthy(steps.set_value(10).run())
    assert charts(app)[1] != before


def test_a_stopped_method_says_so_and_can_be_run_again(app: AppTest) -> None:
    healthy(app.run())
    image = cache.sample(SAMPLES[0].name)
    explanation = eca_viz.explain(image, saliency=())
    target = explanation.predictions[0].index
    parameters = {"n_steps": 30, "internal_batch_size": 4}
    network = state.NetworkChoice("", "", pytest.fail, "")
    work = long_work.saliency(explanation, network, "integrated_gradients", target, parameters)
    app.session_state["stopped"] = {work.key}
    healthy(app.switch_page(SALIENCY).run())
    healthy(
        app.multiselect(key=state.METHODS).set_value(["grad_cam", "integrated_gradients"]).run()
    )
    steps = app.slider(key=state.setting_key("integrated_gradients", "n_steps"))
    healthy(steps.set_value(30).run())
    assert [info.value for info in app.info] == ["Stopped."]
    assert len(charts(app)) == 1
    healthy(app.button(key="run-integrated_gradients").click().run())
    assert not app.info
    assert len(charts(app)) == 2


def test_a_method_that_does_not_suit_the_network_says_so(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise eca_viz.SaliencyError("this network has none; choose Saliency")

    healthy(app.run())
    cache._results.clear()
    monkeypatch.setattr(pipeline, "saliency_map", fail)
    app.query_params[state.METHODS] = ["Saliency", "DeepLift"]
    healthy(app.switch_page(SALIENCY).run())
    assert {error.value for error in app.error} == {"this network has none; choose Saliency"}
    assert len(app.error) == 2
    assert not charts(app)


def test_a_link_reopens_the_same_view(app: AppTest) -> None:
    app.query_params[state.IMAGE] = "Coffee"
    app.query_params[state.LAYER] = "layer2.1.eca"
    healthy(app.run())
    assert app.radio(key=state.IMAGE).value == "coffee"
    assert app.selectbox(key=state.LAYER).value == "layer2.1.eca"


@pytest.mark.parametrize("value", ["nonsense", "upload-0123456789abcdef"])
def test_a_link_that_means_nothing_shows_the_first_sample(value: str, app: AppTest) -> None:
    app.query_params[state.IMAGE] = value
    healthy(app.run())
    assert app.radio(key=state.IMAGE).value == SAMPLES[0].name


def test_the_overview_can_show_gates_less_their_mean_gates(app: AppTest) -> None:
    healthy(app.run())
    assert "red gates are above their mean" not in texts(app)
    healthy(app.toggle(key=state.LESS_MEAN_GATE).set_value(True).run())
    assert "mean over every 9th training photograph of Imagenette" in texts(app)


def test_pages_are_registered_once_and_exist() -> None:
    assert [Path(entry.script).name for entry in PAGES] == [
        Path(path).name for path in (ATTENTION, SALIENCY, KERNELS, MECHANISMS, WHAT_IF, COMPARE)
    ]
    assert len({entry.url_path for entry in PAGES}) == len(PAGES)


def test_a_bad_file_is_checked_only_once(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    monkeypatch.setattr(
        cache, "read_image", lambda data, name: calls.append(name) or read_image(data, name)
    )
    healthy(app.run())
    healthy(app.file_uploader(key=state.UPLOADS).upload("a.png", b"bad", "image/png").run())
    healthy(app.switch_page(KERNELS).run())
    assert calls == ["a.png"]
    assert len(app.error) == 1


def test_good_and_bad_uploads_together(app: AppTest) -> None:
    healthy(app.run())
    uploader = app.file_uploader(key=state.UPLOADS)
    uploader.upload("good.png", png(6), "image/png")
    uploader.upload("bad.png", b"bad", "image/png")
    healthy(app.run())
    assert ["bad.png is not an image" in error.value for error in app.error] == [True]
    assert app.radio(key=state.IMAGE).options[0] == "good.png"
    assert app.session_state["choice"].image.name == "good.png"


def test_uploads_of_one_name_can_be_told_apart(app: AppTest) -> None:
    healthy(app.run())
    uploader = app.file_uploader(key=state.UPLOADS)
    for seed in (1, 2):
        uploader.upload("dog.png", png(seed), "image/png")
    uploader.upload("Coffee", png(3), "image/png")
    healthy(app.run())
    picker = app.radio(key=state.IMAGE)
    assert picker.options[:3] == ["Coffee (2)", "dog.png", "dog.png (2)"]
    for seed, key in ((2, "dog.png"), (1, "dog.png (2)"), (3, "Coffee (2)")):
        digest = hashlib.sha256(png(seed)).hexdigest()
        healthy(app.radio(key=state.IMAGE).set_value(state.Checked("", digest).key).run())
        assert app.session_state["choice"].image.sha256 == digest, key


def test_an_image_of_the_camera_is_shown(app: AppTest) -> None:
    healthy(app.run())
    healthy(app.toggle(key=state.USE_CAMERA).set_value(True).run())
    buffer = io.BytesIO()
    Image.fromarray(make_pixels(7)).save(buffer, format="JPEG")
    camera = app.camera_input(key=state.CAMERA)
    healthy(camera.upload("camera.jpg", buffer.getvalue(), "image/jpeg").run())
    expected = hashlib.sha256(buffer.getvalue()).hexdigest()
    assert app.session_state["choice"].image.sha256 == expected


def test_weights_that_cannot_be_loaded_are_said(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise eca_viz.NetworkError("the weights cannot be read; restore them")

    healthy(app.run())
    monkeypatch.setattr(loading, "load_network", fail)
    healthy(app.file_uploader(key=state.UPLOADS).upload("mine.png", png(31), "image/png").run())
    assert {error.value for error in app.error} == {"the weights cannot be read; restore them"}
    assert app.title[0].value == "Attention"


def test_a_sidebar_that_fails_says_so_and_no_page_is_drawn(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise eca_viz.ImageError("the samples are not installed; install them")

    monkeypatch.setattr(sidebar, "draw", fail)
    healthy(app.run())
    assert [error.value for error in app.error] == ["the samples are not installed; install them"]
    assert not charts(app)


def test_an_address_that_cannot_be_followed_is_said(app: AppTest) -> None:
    app.query_params[state.IMAGE] = "nonsense"
    app.query_params[state.NETWORK] = "resnet"
    app.query_params[state.LAYER] = "layer9.0.eca"
    app.query_params[state.CHANNEL] = "70000"
    healthy(app.run())
    said = [warning.value for warning in app.warning]
    for part in ("bundled network “resnet”", "image “nonsense”", "layer “layer9.0.eca”", "“70000”"):
        assert sum(part in sentence for sentence in said) == 1, part
    healthy(app.radio(key=state.IMAGE).set_value("coffee").run())
    assert not app.warning


def test_a_link_holds_the_saliency_view(app: AppTest) -> None:
    steps = state.setting_key("integrated_gradients", "n_steps")
    app.query_params[state.METHODS] = "Integrated Gradients"
    app.query_params[steps] = "10"
    healthy(app.run())
    healthy(app.switch_page(SALIENCY).run())
    assert app.multiselect(key=state.METHODS).value == ["integrated_gradients"]
    assert app.slider(key=steps).value == 10


def test_parameters_survive_a_page_switch(app: AppTest) -> None:
    steps = state.setting_key("integrated_gradients", "n_steps")
    healthy(app.run())
    healthy(app.switch_page(SALIENCY).run())
    healthy(app.multiselect(key=state.METHODS).set_value(["integrated_gradients"]).run())
    healthy(app.slider(key=steps).set_value(10).run())
    healthy(app.switch_page(KERNELS).run())
    healthy(app.switch_page(SALIENCY).run())
    assert app.slider(key=steps).value == 10


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("dog.png", "dog.png"),
        ("![x](http://a.b/c.png)", r"!\[x\](http\://a.b/c.png)"),
        ("$x$ *y* _z_ :red[w]", r"\$x\$ \*y\* \_z\_ \:red\[w\]"),
    ],
)
def test_names_from_outside_stay_text(name: str, safe: str) -> None:
    assert widgets.plain(name) == safe
