"""Captum's announcements are left out while it runs, and nothing else changes."""

import subprocess
import sys
import threading
import warnings
from collections.abc import Iterator

import pytest

from eca_viz.saliency.quiet import ANNOUNCEMENTS, quiet_captum

TEXT = "Setting backward hooks on ReLU activations."


def test_importing_changes_no_filter() -> None:
    code = (
        "import warnings, captum.attr, torch; before = list(warnings.filters);"
        "import eca_viz.saliency.attribute, eca_viz.saliency.registry;"
        "assert warnings.filters == before"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.fixture(autouse=True)
def no_filters() -> Iterator[None]:
    """pytest's own configuration leaves the announcements out as well."""
    with warnings.catch_warnings():
        warnings.resetwarnings()
        yield


def test_announcements_are_left_out_and_other_warnings_are_not() -> None:
    before = list(warnings.filters)
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        with quiet_captum():
            warnings.warn(TEXT, stacklevel=1)
            warnings.warn("something else", stacklevel=1)
        warnings.warn(TEXT, stacklevel=1)
    assert [str(one.message) for one in heard] == ["something else", TEXT]
    assert warnings.filters == before
    assert len(ANNOUNCEMENTS) == 3


def test_filters_are_put_back_after_an_exception() -> None:
    before = list(warnings.filters)
    with pytest.raises(KeyError), quiet_captum():
        raise KeyError
    assert warnings.filters == before


def test_the_last_of_several_threads_puts_the_filters_back() -> None:
    before = list(warnings.filters)
    inside, leave = threading.Event(), threading.Event()

    def other() -> None:
        with quiet_captum():
            inside.set()
            assert leave.wait(30)

    thread = threading.Thread(target=other)
    with quiet_captum():
        thread.start()
        assert inside.wait(30)
    assert warnings.filters != before
    with warnings.catch_warnings(record=True) as heard:
        warnings.warn(TEXT, stacklevel=1)
    assert heard == []
    leave.set()
    thread.join()
    assert warnings.filters == before
