"""Addresses and uploads that somebody made up."""

import pytest
from streamlit.proto.Common_pb2 import FileURLs
from streamlit.runtime.uploaded_file_manager import DeletedFile, UploadedFile, UploadedFileRec
from streamlit.testing.v1 import AppTest

from eca_viz.networks.hubs import download, timm_hub
from eca_viz.ui import state
from eca_viz.ui.sidebar import image_picker, network_picker
from tests.hostile.addresses import ASKED, PINNED
from tests.ui.factories import healthy, make_app, png


@pytest.fixture
def app() -> AppTest:
    return make_app()


@pytest.mark.parametrize(("key", "asked"), ASKED, ids=lambda value: repr(value)[:30])
def test_what_is_not_there_is_said_in_one_line(app: AppTest, key: str, asked: str) -> None:
    app.query_params[key] = asked
    healthy(app.run())
    (warning,) = [one.value for one in app.warning]
    assert warning.isprintable()
    assert len(warning) < 400
    assert "which is not there; the page shows another one." in warning
    assert not app.error
    healthy(app.run())


@pytest.mark.parametrize("pinned", PINNED)
def test_what_cannot_be_pinned_is_said(app: AppTest, pinned: str) -> None:
    app.query_params[state.PIN] = pinned
    healthy(app.run())
    assert len(app.error) == 1
    assert app.error[0].value.isprintable()


@pytest.mark.parametrize(
    ("key", "value", "button"),
    [
        (state.HUB, "timm:ecaresnet50t.a2_in1k", "download_try_again"),
        (state.PIN, "coffee/timm:ecaresnet50t.a2_in1k", "download_try_again_pinned"),
    ],
)
def test_a_link_downloads_nothing_before_a_click(
    app: AppTest, key: str, value: str, button: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def note(repository: str, *arguments: object) -> None:
        asked.append(repository)
        raise download.NetworkError("no connection")

    monkeypatch.setattr(timm_hub, "fetch_from_hub", note)
    app.query_params[key] = value
    for _ in range(2):
        healthy(app.run())
        assert asked == []
        assert any("is downloaded once, 98 MB" in info.value for info in app.info)
    healthy(app.button(key=button).click().run())
    assert asked == ["timm/ecaresnet50t.a2_in1k"]
    assert [error.value for error in app.error] == ["no connection"]


def test_a_picked_network_is_downloaded_at_once(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: object) -> None:
        raise download.NetworkError("no connection")

    monkeypatch.setattr(timm_hub, "fetch_from_hub", fail)
    healthy(app.run())
    app.radio(key=state.SOURCE).set_value(network_picker.HUB).run()
    app.selectbox(key=state.HUB).set_value("timm:ecaresnet50t.a2_in1k").run()
    assert [error.value for error in app.error] == ["no connection"]


def test_an_upload_that_was_never_sent_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """A browser names uploads by their ids; of one that it made up the server has no bytes."""
    sent = UploadedFile(UploadedFileRec("1", "a.png", "image/png", png()), FileURLs())
    monkeypatch.setattr(
        image_picker.st, "session_state", {state.UPLOADS: [DeletedFile("forged"), sent]}
    )
    assert image_picker._files(state.UPLOADS) == [sent]
    image_picker.st.session_state[state.UPLOADS] = DeletedFile("forged")
    assert image_picker._files(state.UPLOADS) == []
