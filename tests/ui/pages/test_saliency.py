"""The Saliency page's methods and settings, without a browser."""

import pytest
from streamlit.testing.v1 import AppTest

import eca_viz
from eca_viz import pipeline
from eca_viz.images.samples import SAMPLES
from eca_viz.ui import cache, long_work, state
from tests.ui.factories import KERNELS, SALIENCY, charts, forget, healthy, texts


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
    forget(cache._computed)
    monkeypatch.setattr(pipeline, "saliency_map", fail)
    app.query_params[state.METHODS] = ["Saliency", "DeepLift"]
    healthy(app.switch_page(SALIENCY).run())
    assert {error.value for error in app.error} == {"this network has none; choose Saliency"}
    assert len(app.error) == 2
    assert not charts(app)


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
