"""The public list, and that importing it stays quick."""

import subprocess
import sys

import pytest

import eca_viz
from eca_viz import errors


def test_everything_public_is_there() -> None:
    for name in eca_viz.__all__:
        assert getattr(eca_viz, name) is not None
    assert dir(eca_viz) == sorted(set(eca_viz.__all__))
    assert callable(eca_viz.capture)
    with pytest.raises(AttributeError, match="No eca_viz attribute nonsense"):
        _ = eca_viz.nonsense


def test_every_exception_is_an_eca_viz_error() -> None:
    classes = [
        value
        for value in vars(errors).values()
        if isinstance(value, type) and value.__module__ == errors.__name__
    ]
    raised = [value for value in classes if not issubclass(value, Warning)]
    assert all(issubclass(value, eca_viz.EcaVizError) for value in raised)
    assert {value.__name__ for value in classes} <= set(eca_viz.__all__)


@pytest.mark.parametrize("first", ["eca_viz.pipeline", "eca_viz.gates.capture", "eca_viz.cli.main"])
def test_names_are_functions_whatever_was_imported_first(first: str) -> None:
    code = (
        f"import {first}, eca_viz; assert callable(eca_viz.capture) and callable(eca_viz.explain)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_importing_brings_neither_torch_nor_streamlit() -> None:
    code = "import sys, eca_viz; assert not {'torch', 'streamlit', 'captum'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
