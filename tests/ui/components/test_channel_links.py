"""The link to the page of a channel stands on every page."""

import pytest
from streamlit.testing.v1 import AppTest

from eca_viz.networks.registry import find_network
from eca_viz.ui import state
from tests.ui import factories


@pytest.mark.parametrize(
    ("page", "address"),
    [
        (factories.ATTENTION, {}),
        (factories.SALIENCY, {state.METHODS: ["Grad-CAM"]}),
        (factories.KERNELS, {}),
        (factories.WHAT_IF, {state.WHAT_IF_TAB: "Which gates matter"}),
        (factories.COMPARE, {state.COMPARE_TAB: "One layer", state.PIN: "china/resnet_tiny_eca"}),
        (factories.IMAGES, {}),
        (factories.CLASSES, {}),
        (factories.MECHANISMS, {state.MECHANISMS_TAB: "Same image through all"}),
        (factories.LESSON, {state.LESSON_STEP: "end"}),
    ],
)
def test_pages_link_to_the_channel(
    app: AppTest, page: str, address: dict[str, str | list[str]]
) -> None:
    app.query_params[state.NETWORK] = find_network("resnet_tiny_eca").title
    for key, value in address.items():
        app.query_params[key] = value
    factories.without_errors(app.run())
    if page != factories.ATTENTION:
        factories.without_errors(app.switch_page(page).run())
    links = [one.proto for one in app.get("page_link")]
    assert [one.page for one in links if one.label == "Channel over many images"] == ["channel"]
