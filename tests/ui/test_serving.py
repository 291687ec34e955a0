"""serve() where it cannot: nothing is left behind."""

import os
import socket

import pytest
import streamlit.config

import eca_viz
from eca_viz.paths import NETWORK_VARIABLE
from eca_viz.ui.options import SETTINGS, options, script
from tests.ui.factories import ROOT
from tests.ui.served import model


def test_a_port_that_is_taken_is_refused() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(eca_viz.NetworkError, match=rf"^port {port} cannot be used "):
            eca_viz.serve(eca_viz.Network.wrap(model(2)), port=port)
    assert NETWORK_VARIABLE not in os.environ


def test_what_is_no_network_is_refused() -> None:
    with pytest.raises(eca_viz.NetworkError, match="got str as a network"):
        eca_viz.serve("resnet50")


def test_a_checkouts_options_hold_all_that_an_installed_package_sets() -> None:
    found = options()
    assert script() == ROOT / "app.py"
    assert {name: found[name] for name in SETTINGS} == SETTINGS
    assert found["theme.light.primaryColor"]
    defaults = streamlit.config.get_config_options()
    assert all(isinstance(found[name], defaults[name].type) for name in SETTINGS)
