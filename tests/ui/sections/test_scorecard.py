"""The Saliency page's choices and its scorecard, without a browser."""

import re

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import eca_viz
from eca_viz import pipeline
from eca_viz.images.samples import SAMPLES
from eca_viz.ui import cache, state
from tests.ui.factories import SALIENCY, charts_by_alt, forget, make_app
from tests.ui.factories import without_errors as healthy

SMALL = "Tiny ResNet · ECA · Imagenette"


@pytest.fixture
def app() -> AppTest:
    """The page with the smallest network, quick methods and one image."""
    forget(cache._computed)
    app = make_app()
    app.query_params[state.NETWORK] = SMALL
    app.query_params[state.METHODS] = ["Grad-CAM", "DeepLift"]
    return healthy(app.run().switch_page(SALIENCY).run())


def test_grad_cam_at_a_chosen_layer(app: AppTest) -> None:
    layers = [record.layer for record in pipeline.inspect("resnet_tiny_eca")]
    picker = app.selectbox(key=state.setting_key("grad_cam", "layer"))
    assert picker.options == ["last stage", *layers]
    healthy(picker.set_value(layers[0]).run())
    assert f"Layer: {layers[0]}." in "\n".join(caption.value for caption in app.caption)


def test_a_layer_that_another_network_lacks_gives_way_to_the_last_stage(app: AppTest) -> None:
    key = state.setting_key("grad_cam", "layer")
    healthy(app.selectbox(key=key).set_value(app.selectbox(key=key).options[1]).run())
    healthy(
        app.selectbox(key=state.NETWORK).set_value(eca_viz.networks.registry.DEFAULT_NETWORK).run()
    )
    assert app.selectbox(key=key).value in app.selectbox(key=key).options


def test_scores_are_computed_only_when_asked_for(app: AppTest) -> None:
    assert len(charts_by_alt(app)) == 2
    assert any(re.search(r"About \d+ s on", caption.value) for caption in app.caption)
    healthy(app.button(key="score").click().run())
    assert len(charts_by_alt(app)) == 4
    expected = eca_viz.explain(
        SAMPLES[0].read(), "resnet_tiny_eca", ("grad_cam", "deep_lift"), scores=True
    ).scorecard
    assert expected is not None
    curves = next(figure for alt, figure in charts_by_alt(app).items() if "put back" in alt)
    assert [trace["name"] for trace in curves["data"]] == ["Grad-CAM", "DeepLift", "Random map"]
    table = next(frame.value for frame in app.dataframe if "insertion area" in frame.value)
    assert table["method"].tolist() == ["Grad-CAM", "DeepLift", "Random map"]
    np.testing.assert_allclose(
        table["insertion area"], [score.insertion_area for score in expected.scores]
    )
    healthy(app.slider(key=state.STRENGTH).set_value(0.3).run())
    assert len(charts_by_alt(app)) == 4


def test_other_maps_have_scores_of_their_own(app: AppTest) -> None:
    healthy(app.button(key="score").click().run())
    healthy(app.multiselect(key=state.METHODS).set_value(["deep_lift"]).run())
    assert app.button(key="score")
    assert len(charts_by_alt(app)) == 1


def test_what_cannot_be_scored_says_so(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise eca_viz.SaliencyError("nothing to see here")

    monkeypatch.setattr(pipeline, "scorecard", fail)
    app.button(key="score").click().run()
    assert [error.value for error in app.error] == ["nothing to see here"]
    assert len(charts_by_alt(app)) == 2
