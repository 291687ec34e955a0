"""serve() where it cannot: nothing is left behind."""

import os
import socket
import subprocess
import sys

import pytest
import streamlit.config

import eca_viz
from eca_viz.paths import NETWORK_VARIABLE
from eca_viz.ui.options import options
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


def test_each_option_is_one_of_streamlits_and_has_its_type() -> None:
    known = streamlit.config.get_config_options()
    for name, value in options().items():
        assert isinstance(value, known[name].type | list), name


@pytest.mark.parametrize("start", [["-m", "eca_viz", "app"], ["-m", "tests.ui.served"]])
def test_without_streamlit_a_sentence_names_the_extra(start: list[str]) -> None:
    code = f"import sys, runpy; sys.modules['streamlit'] = None; sys.argv = {start[1:]!r}"
    code += "; runpy.run_module(sys.argv[0], run_name='__main__', alter_sys=True)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (
        done.stderr.strip()
        .splitlines()[-1]
        .endswith("streamlit is not installed; pip install 'eca_viz[app]' installs it")
    )
