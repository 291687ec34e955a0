"""The pages Classes and Channel, without a browser."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from eca_viz.analysis.statistics import between_classes, depth_sentence, most_different
from eca_viz.networks.registry import DEFAULT_NETWORK, find_network
from eca_viz.paths import IMAGES_VARIABLE, STATISTICS_VARIABLE
from eca_viz.records import FolderStatistics
from eca_viz.statistics.files import write
from eca_viz.statistics.local import local
from eca_viz.statistics.run import folder_statistics
from eca_viz.statistics.shipped import shipped_statistics
from eca_viz.ui import state
from eca_viz.ui.sections import statistics_source
from tests.factories import make_pixels
from tests.ui.factories import (
    CHANNEL,
    CLASSES,
    chart,
    decode,
    open_tab,
    png,
    texts,
)
from tests.ui.factories import without_errors as healthy

LAYER = "layer4.1.eca"


@pytest.fixture(scope="module")
def shipped() -> FolderStatistics:
    found = shipped_statistics(DEFAULT_NETWORK, find_network(DEFAULT_NETWORK).sha256)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("images")
    for number in range(10):
        Image.fromarray(make_pixels(number)).save(root / f"{number}.png")
    return root


@pytest.fixture(scope="module")
def own(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("statistics") / "own.parquet"
    folder_statistics(folder, out=out, engine=local(0))
    return out


def open_page(app: AppTest, tab: str = "Mean gates of classes", source: str = "") -> AppTest:
    app.query_params[state.CLASSES_TAB] = tab
    if source:
        app.query_params[state.STATISTICS] = source
    return healthy(app.run().switch_page(CLASSES).run())


def test_the_page_opens_with_what_is_shipped(app: AppTest, shipped: FolderStatistics) -> None:
    open_page(app)
    assert depth_sentence(shipped) in texts(app).replace("\\", "")
    assert "3,925 images" in texts(app)
    bars = chart(app, "Share of the variance")["data"][0]
    expected = [between_classes(layer)[1] for layer in shipped.layers]
    np.testing.assert_allclose(decode(bars["y"]), expected)
    layer = most_different(shipped)
    lines = chart(app, f"Mean gate of each channel of {layer.layer}")["data"]
    assert [line["name"] for line in lines[2:]] == list(layer.classes)[:4]
    np.testing.assert_allclose(decode(lines[1]["y"]), layer.total.mean, rtol=1e-6)


def test_a_class_and_a_layer_are_picked(app: AppTest, shipped: FolderStatistics) -> None:
    open_page(app)
    app.selectbox(key=state.LAYER).set_value(LAYER)
    healthy(app.multiselect(key=state.SHOWN_CLASSES).set_value(["church"]).run())
    lines = chart(app, f"Mean gate of each channel of {LAYER}")["data"]
    assert [line["name"] for line in lines[2:]] == ["church"]
    expected = shipped.layer(LAYER).classes["church"].mean
    np.testing.assert_allclose(decode(lines[2]["y"]), expected, rtol=1e-6)


def test_classes_and_channels_are_sorted_by_how_far_classes_differ(
    app: AppTest, shipped: FolderStatistics
) -> None:
    open_page(app, "Classes and channels")
    layer = most_different(shipped)
    (heat,) = chart(app, f"How far the mean gates of classes in {layer.layer}")["data"]
    first = int(decode(heat["customdata"])[0, 0, 0])
    each, _ = between_classes(layer)
    assert first == each.argmax()
    expected = [one.mean[first] - layer.total.mean[first] for one in layer.classes.values()]
    np.testing.assert_allclose(decode(heat["z"])[:, 0], expected, rtol=1e-4, atol=1e-6)


def test_saturation_gets_a_sentence_a_layer(app: AppTest, shipped: FolderStatistics) -> None:
    open_page(app, "Saturation")
    assert all(f"- {layer.layer}" in texts(app) for layer in shipped.layers)


def test_the_table_has_a_row_a_layer(app: AppTest, shipped: FolderStatistics) -> None:
    open_page(app, "Table")
    assert app.dataframe[0].value["layer"].tolist() == [one.layer for one in shipped.layers]


def test_a_file_is_uploaded_and_a_bad_one_gets_a_sentence(app: AppTest, own: Path) -> None:
    open_page(app, source=statistics_source.FILE)
    assert "Give a file" in app.info[0].value
    file = app.file_uploader(key=state.STATISTICS_FILE)
    healthy(file.set_value(("own.parquet", own.read_bytes(), "application/x")).run())
    assert "over 10 images of" in texts(app)
    file = app.file_uploader(key=state.STATISTICS_FILE)
    file.set_value(("bad.parquet", b"no", "application/x")).run()
    assert "bad.parquet: the file holds no statistics" in app.error[0].value.replace("\\", "")
    assert "over 10 images of" in texts(app)


def test_the_app_starts_with_a_file(
    app: AppTest, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(STATISTICS_VARIABLE, str(own))
    open_page(app)
    assert "over 10 images of" in texts(app)
    healthy(app.radio(key=state.STATISTICS).set_value(statistics_source.SHIPPED).run())
    assert "3,925 images" in texts(app)


def test_images_of_this_visit(app: AppTest) -> None:
    open_page(app, source=statistics_source.VISIT)
    assert "over 8 images of this visit" in texts(app)
    files = [(f"{seed}.png", png(seed), "image/png") for seed in range(2)]
    healthy(app.file_uploader(key=state.UPLOADS).set_value(files).run())
    assert "nothing can be said of differences between classes" in texts(app)
    assert "over 10 images of this visit" in texts(app)


def test_another_network_has_its_own(app: AppTest) -> None:
    app.query_params[state.NETWORK] = find_network("resnet_tiny_se").title
    open_page(app)
    assert find_network("resnet_tiny_se").title in texts(app).replace("\\", "")
    assert len(decode(chart(app, "Share of the variance")["data"][0]["y"])) == 4


def open_channel(app: AppTest, channel: int = 17) -> AppTest:
    healthy(app.run().switch_page(CHANNEL).run())
    app.selectbox(key=state.LAYER).set_value(LAYER)
    return healthy(app.number_input(key=state.CHANNEL).set_value(channel).run())


def test_a_channel_has_its_numbers_over_all_images(app: AppTest, shipped: FolderStatistics) -> None:
    open_channel(app)
    layer = shipped.layer(LAYER)
    assert f"Channel 17 of {LAYER}" in texts(app)
    assert f"ω = **{layer.total.mean[17]:.4f} ± {layer.total.sd[17]:.4f}**" in texts(app)
    bars = chart(app, "Distribution of the gate of channel 17")
    assert decode(bars["data"][0]["y"]).sum() == layer.total.count
    (dots,) = chart(app, "Mean gate of channel 17")["data"]
    np.testing.assert_allclose(
        sorted(decode(dots["x"])), sorted(one.mean[17] for one in layer.classes.values())
    )
    assert layer.highest[17][0].path in texts(app).replace("\\", "")
    assert layer.effects is not None
    (effects,) = chart(app, f"Mean gate of each channel of {LAYER} against")["data"]
    np.testing.assert_allclose(decode(effects["y"]), layer.effects.magnitude, rtol=1e-6)


def test_thumbnails_come_from_the_given_folder_alone(
    app: AppTest, own: Path, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(STATISTICS_VARIABLE, str(own))
    monkeypatch.setenv(IMAGES_VARIABLE, str(folder))
    open_channel(app)
    assert "0.png" not in texts(app)
    assert len(app.get("image")) == 2
    monkeypatch.setenv(IMAGES_VARIABLE, str(tmp_path))
    healthy(app.run())
    assert ".png" in texts(app)
    assert not app.get("image")


def test_without_statistics_the_images_of_the_visit_are_taken(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statistics_source, "shipped_statistics", lambda name, sha256: None)
    open_channel(app)
    assert "No statistics of this network" in app.info[0].value
    assert "Over 8 images" in texts(app)


def test_statistics_without_effects_and_with_one_class(
    app: AppTest, shipped: FolderStatistics, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    layers = tuple(
        dataclasses.replace(one, effects=None, classes={"church": one.classes["church"]})
        for one in shipped.layers
    )
    path = tmp_path / "bare.parquet"
    write(dataclasses.replace(shipped, layers=layers), path)
    monkeypatch.setenv(STATISTICS_VARIABLE, str(path))
    open_page(app, "Classes and channels")
    assert "fewer than two classes" in app.info[0].value
    open_tab(app, state.CLASSES_TAB, "Worth in accuracy")
    open_channel(app)
    assert "hold no effects" in app.info[0].value
