"""The sidebar's network picker, without a browser."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
import timm
import torch
from streamlit.testing.v1 import AppTest

import eca_viz
from eca_viz.images.samples import SAMPLES
from eca_viz.networks import loading
from eca_viz.networks.architectures.eca_mobilenet import eca_mobilenet_v2
from eca_viz.networks.architectures.eca_resnet import eca_resnet18
from eca_viz.networks.hubs import download
from eca_viz.networks.registry import IMAGENET_NETWORK
from eca_viz.ui import cache, state
from eca_viz.ui.sidebar import network_picker
from eca_viz.ui.turns import PAGES
from tests.factories import randomise, save_safetensors, save_training_checkpoint
from tests.hostile.weight_files import HARM, code
from tests.ui.factories import ATTENTION, KERNELS, open_tab

BUNDLED_LAYERS = 8


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """An ECA-ResNet-18 of five classes as a training script leaves it."""
    path = tmp_path_factory.mktemp("net") / "checkpoint"
    save_training_checkpoint(
        randomise(eca_resnet18(kernel_sizes=(3, 3, 5, 7), num_classes=5)), path
    )
    return path.read_bytes()


def layers(app: AppTest) -> list[str]:
    assert not app.exception
    return app.selectbox(key=state.LAYER).options


def open_upload(app: AppTest, data: bytes, name: str = "mine.pth.tar") -> None:
    app.run()
    app.radio(key=state.SOURCE).set_value(network_picker.CHECKPOINT).run()
    app.file_uploader(key=state.CHECKPOINT).upload(name, data, "application/octet-stream").run()


def test_an_uploaded_checkpoint_is_shown_on_every_page(app: AppTest, checkpoint: bytes) -> None:
    open_upload(app, checkpoint)
    assert layers(app)[0] == "layer1.0.eca"
    assert not app.error
    title = "ECA-ResNet-18 (k = 3, 3, 5, 7), 5 classes · mine.pth.tar"
    assert app.session_state["choice"].network.title == title
    assert "class 4" in "".join(caption.value for caption in app.caption)
    app.switch_page(KERNELS).run()
    table = open_tab(app, state.KERNELS_TAB, "Table").dataframe[0].value
    assert table["kernel_size"].tolist() == [3, 3, 3, 3, 5, 5, 7, 7]
    assert "the formula gives 3 for C = 64" in table["agreement"][0]
    costs = open_tab(app, state.KERNELS_TAB, "Costs").dataframe[0].value
    assert costs["parameters"][0] - costs["parameters"][1] == 36


def test_names_of_classes_can_be_given(app: AppTest, checkpoint: bytes) -> None:
    open_upload(app, checkpoint)
    names = b"rose\ntulip\ndaisy\nsunflower\n*poppy*"
    app.file_uploader(key=state.LABELS).upload("names.txt", names, "text/plain").run()
    assert not app.exception
    assert not app.error
    captions = "".join(caption.value for caption in app.caption)
    assert r"rose, tulip, daisy, sunflower, \*poppy\*" in captions


def test_names_that_do_not_fit_are_said(app: AppTest, checkpoint: bytes) -> None:
    open_upload(app, checkpoint)
    app.file_uploader(key=state.LABELS).upload("names.txt", b"rose\ntulip", "text/plain").run()
    assert [error.value for error in app.error] == [
        "got 2 labels and mine.pth.tar has 5 classes; give one line for each class, in their order"
    ]
    assert len(layers(app)) == BUNDLED_LAYERS


def test_a_hostile_upload_gets_a_sentence_and_the_page_stays(
    app: AppTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    real = loading.open_checkpoint
    monkeypatch.setattr(
        loading,
        "open_checkpoint",
        lambda read, sha256, name, *rest, **more: (
            opened.append(name) or real(read, sha256, name, *rest, **more)
        ),
    )
    path = tmp_path / "w.pth"
    code(path)
    open_upload(app, path.read_bytes(), "evil.pth")
    assert len(app.error) == 1
    assert "evil.pth holds more than tensors (posix.system)" in app.error[0].value
    assert not (tmp_path / HARM).exists()
    assert layers(app)[-1] == "layer4.1.eca"
    assert "The page shows ECA-ResNet-18 · Imagenette" in "".join(info.value for info in app.info)
    app.switch_page(KERNELS).run()
    assert not app.exception
    assert opened == ["evil.pth"]
    app.button(key="try_again").click().run()
    assert opened == ["evil.pth"] * 2


def test_nothing_is_downloaded_before_one_is_chosen(app: AppTest) -> None:
    app.run()
    app.radio(key=state.SOURCE).set_value(network_picker.HUB).run()
    picker = app.selectbox(key=state.HUB)
    assert picker.value is None
    assert "timm:ecaresnet50t.a1_in1k" in picker.options
    assert "torchvision:mobilenet_v3_small" in picker.options
    assert "timm:eca_vovnet39b" not in picker.options
    assert len(layers(app)) == BUNDLED_LAYERS
    assert not app.error


def test_a_source_that_is_not_there_is_said(app: AppTest) -> None:
    app.query_params[state.SOURCE] = "Nowhere"
    app.run()
    assert "the source of networks “Nowhere”, which is not there" in app.warning[0].value
    assert app.radio(key=state.SOURCE).value == network_picker.BUNDLED


def test_without_a_connection_the_page_stays(
    app: AppTest, checkpoint: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: object) -> None:
        raise eca_viz.NetworkError("no connection; connect to the internet")

    monkeypatch.setattr(download, "_within", fail)
    open_upload(app, checkpoint)
    app.radio(key=state.SOURCE).set_value(network_picker.HUB).run()
    app.selectbox(key=state.HUB).set_value("timm:ecaresnet50t.a2_in1k").run()
    assert [error.value for error in app.error] == ["no connection; connect to the internet"]
    assert "The page shows ECA-ResNet-18 (k = 3, 3, 5, 7)" in "".join(
        info.value for info in app.info
    )
    assert len(layers(app)) == BUNDLED_LAYERS


def test_an_image_that_is_none_of_its_classes_leads_to_a_network_that_knows_more(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a connection: one sentence, at once, and the page stays."""

    def fail(*arguments: object) -> None:
        raise eca_viz.NetworkError("no connection; connect to the internet")

    monkeypatch.setattr(download, "_within", fail)
    app.run()
    assert "open_imagenet" not in [button.key for button in app.button]
    app.radio(key=state.IMAGE).set_value("chelsea").run()
    assert "Probably none of its 10 classes; nearest" in app.header[0].value
    assert "Familiarity 2%" in "".join(caption.value for caption in app.caption)
    offer = app.button(key="open_imagenet")
    assert "61 MB" in offer.label
    offer.click().run()
    assert [error.value for error in app.error] == ["no connection; connect to the internet"]
    assert app.selectbox(key=state.HUB).value == IMAGENET_NETWORK
    assert len(layers(app)) == BUNDLED_LAYERS


def test_a_hubs_network_is_shown(
    app: AppTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "w.safetensors"
    save_safetensors(randomise(timm.create_model("ecaresnet26t")), path)
    in_turn: list[bool] = []

    def fetch(*arguments: object) -> Path:
        in_turn.append(PAGES._begin() is not None)
        return path

    monkeypatch.setattr("eca_viz.networks.hubs.timm_hub.fetch_from_hub", fetch)
    eca_viz.networks.hubs.timm_hub.find_network.cache_clear()
    app.query_params[state.SOURCE] = network_picker.HUB
    app.query_params[state.HUB] = "timm:ecaresnet26t.ra2_in1k"
    app.run()
    app.button(key="download_try_again").click().run()
    assert in_turn[0] is False  # others draw their pages while this one waits
    assert layers(app)[0] == "layer1.0.se"
    assert "knows 1,000 classes" in "".join(caption.value for caption in app.caption)
    eca_viz.networks.hubs.timm_hub.find_network.cache_clear()


def test_se_networks_have_a_reduction_in_place_of_k(app: AppTest, tmp_path: Path) -> None:
    from torchvision.models import mobilenet_v3_small

    path = tmp_path / "w.safetensors"
    save_safetensors(randomise(mobilenet_v3_small(num_classes=3)), path)
    open_upload(app, path.read_bytes(), "v3.safetensors")
    assert not app.error
    assert layers(app)[0] == "features.1.block.1"
    app.selectbox(key=state.LAYER).set_value(layers(app)[-1]).run()
    text = "".join(markdown.value for markdown in app.markdown)
    assert "**C = 576**, **r = 4**" in text
    app.switch_page(KERNELS).run()
    assert not app.exception
    assert "no kernel across channels" in "".join(m.value for m in app.markdown)
    table = open_tab(app, state.KERNELS_TAB, "Table").dataframe[0].value
    assert "kernel_size" not in table
    assert table["reduction"].iloc[-1] == pytest.approx(4)


def test_who_leaves_memory_is_named(
    app: AppTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ECA_VIZ_NETWORKS_KEPT", "1")
    makers: list[Callable[[], torch.nn.Module]] = [
        lambda: eca_resnet18(num_classes=2),
        lambda: eca_mobilenet_v2(num_classes=2),
    ]
    for number, make in enumerate(makers):
        path = tmp_path / f"{number}.safetensors"
        save_safetensors(randomise(make()), path)
        if number:
            uploader = app.file_uploader(key=state.CHECKPOINT)
            uploader.upload(path.name, path.read_bytes(), "application/octet-stream").run()
        else:
            open_upload(app, path.read_bytes(), path.name)
    assert any("0.safetensors left memory" in toast.value for toast in app.toast)


def test_a_network_that_left_comes_back_for_another_image(
    app: AppTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is opened again inside a cached function, where another one leaves."""
    monkeypatch.setenv("ECA_VIZ_NETWORKS_KEPT", "1")
    path = tmp_path / "back.safetensors"
    save_safetensors(randomise(eca_resnet18(num_classes=2)), path)
    open_upload(app, path.read_bytes(), path.name)
    save_safetensors(randomise(eca_resnet18(num_classes=4)), path)
    eca_viz.load_network(path)
    app.radio(key=state.IMAGE).set_value(SAMPLES[3].name).run()
    assert not app.exception
    app.switch_page(KERNELS).run()
    assert not app.exception
    assert any("back.safetensors left memory" in toast.value for toast in app.toast)
    app.switch_page(ATTENTION).run()
    assert len(layers(app)) == BUNDLED_LAYERS


def test_a_wrong_setting_is_said(app: AppTest, checkpoint: bytes) -> None:
    os.environ["ECA_VIZ_NETWORKS_KEPT"] = "none"
    try:
        open_upload(app, checkpoint, "again.pth")
        assert "give a whole number, 1 or more" in app.error[0].value
    finally:
        del os.environ["ECA_VIZ_NETWORKS_KEPT"]


def test_opening_again_is_cheap(app: AppTest, checkpoint: bytes) -> None:
    open_upload(app, checkpoint)
    choice = app.session_state["choice"].network
    assert choice.open() is choice.open()
    assert cache.costs(choice) is cache.costs(choice)
