"""Samples, uploads and the camera, without a browser."""

import hashlib
import io

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

import eca_viz
from eca_viz.analysis.familiarity import headline
from eca_viz.images.reading import read_image
from eca_viz.images.samples import SAMPLES
from eca_viz.ui import cache, state
from eca_viz.ui.components import widgets
from tests.factories import make_pixels
from tests.ui.factories import (
    KERNELS,
    charts,
    healthy,
    png,
    texts,
)


def test_every_sample_can_be_chosen(app: AppTest) -> None:
    healthy(app.run())
    for sample in SAMPLES:
        healthy(app.radio(key=state.IMAGE).set_value(sample.name).run())
        assert sample.credit in texts(app)


def test_upload_is_shown_at_once_and_stays_across_pages(app: AppTest) -> None:
    healthy(app.run())
    healthy(app.file_uploader(key=state.UPLOADS).upload("mine.png", png(3), "image/png").run())
    assert app.radio(key=state.IMAGE).value.startswith(state.UPLOAD_PREFIX)
    expected = eca_viz.explain(png(3), saliency=())
    assert widgets.plain(headline(expected)) in texts(app)
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


@pytest.mark.parametrize("value", ["nonsense", "upload-0123456789abcdef"])
def test_a_link_that_means_nothing_shows_the_first_sample(value: str, app: AppTest) -> None:
    app.query_params[state.IMAGE] = value
    healthy(app.run())
    assert app.radio(key=state.IMAGE).value == SAMPLES[0].name


def test_a_bad_file_is_checked_only_once(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    monkeypatch.setattr(
        cache, "read_image", lambda data, name, _: calls.append(name) or read_image(data, name)
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
