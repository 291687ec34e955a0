"""What a visitor is offered where downloads are turned off."""

import pytest
from streamlit.testing.v1 import AppTest

from eca_viz.networks.registry import IMAGENET_NETWORK
from eca_viz.paths import OFFLINE_VARIABLE
from eca_viz.ui import state
from eca_viz.ui.components import widgets
from eca_viz.ui.sidebar import network_picker
from tests.ui.factories import without_errors


@pytest.fixture
def offline(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setenv(OFFLINE_VARIABLE, "1")
    return app


def test_no_network_is_offered_to_download(offline: AppTest) -> None:
    offline.query_params[state.IMAGE] = "Cat"  # none of the bundled network's classes
    without_errors(offline.run())
    assert "open_imagenet" not in [button.key for button in offline.button]
    offline.radio(key=state.SOURCE).set_value(network_picker.HUB).run()
    assert offline.selectbox(key=state.HUB).options == []
    assert offline.selectbox(key=state.HUB).placeholder == "Downloads are turned off"


def test_a_link_that_names_one_is_answered(offline: AppTest) -> None:
    offline.query_params[state.HUB] = IMAGENET_NETWORK
    without_errors(offline.run())
    (warning,) = [one.value for one in offline.warning]
    assert widgets.plain(IMAGENET_NETWORK) in warning
    assert "which is not there; the page shows another one" in warning
