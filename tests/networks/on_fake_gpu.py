"""Another device computes the same, gets nothing of the CPU's, and gives way when it is full."""

import argparse
import dataclasses
import gc
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

import eca_viz
from eca_viz import inspection, pipeline
from eca_viz.cli.main import main
from eca_viz.cli.options import add_device_option
from eca_viz.errors import DataError, DeviceWarning, NetworkError
from eca_viz.gates.reference import reference_gates
from eca_viz.inspection import gate_effects
from eca_viz.networks import device
from eca_viz.networks.bundled.ablation import trained_variants
from eca_viz.networks.device import find_device
from eca_viz.networks.spec import Network
from eca_viz.records import Explanation, MapScore
from eca_viz.statistics.local import local
from eca_viz.statistics.need import attention_need
from eca_viz.statistics.run import folder_statistics
from eca_viz.ui import state
from tests.factories import make_pixels
from tests.networks import fake_gpu
from tests.ui.factories import MECHANISMS, healthy, make_app, png

NETWORK = "resnet_tiny_eca"
# A method of each family; each follows the hooks of the network in its own way.
METHODS = ("saliency", "grad_cam", "guided_grad_cam", "deep_lift", "smooth_grad", "kernel_shap")


@pytest.fixture(autouse=True)
def plain_passes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The fake device knows no inference mode; it forgets what ran before."""
    monkeypatch.setattr(torch, "inference_mode", torch.no_grad)
    fake_gpu.RAN.clear()
    fake_gpu.ROUNDED.clear()
    yield
    device._copies.clear()


def explained(where: str, method: str, gates: str = "") -> Explanation:
    found = next(one for one in eca_viz.METHODS if one.name == method)
    few = {one.name: one.low for one in found.params if one.name == "n_samples"}
    return eca_viz.explain(
        make_pixels(),
        NETWORK,
        method,
        parameters={method: few},
        gates=gates or (),
        device=where,
    )


@pytest.mark.parametrize(
    ("method", "gates"),
    [
        *((method, "") for method in METHODS),
        *(("saliency", kind) for kind in ("shuffle", "reference", "permute", "strongest=50,0")),
    ],
)
def test_another_device_gives_the_same(method: str, gates: str) -> None:
    here = explained("cpu", method, gates)
    assert not fake_gpu.RAN
    there = explained(fake_gpu.NAME, method, gates)
    assert len(fake_gpu.RAN) > 50
    for ours, theirs in zip(here.attention, there.attention, strict=True):
        np.testing.assert_array_equal(ours.weights, theirs.weights)
    np.testing.assert_array_equal(here.probabilities, there.probabilities)
    limit = 1e-5 * np.abs(here.saliency[0].values).max()
    np.testing.assert_allclose(here.saliency[0].values, there.saliency[0].values, atol=limit)


def test_what_is_full_gives_way_with_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    here = explained("cpu", "grad_cam")
    monkeypatch.setattr(fake_gpu, "LIMIT", [500_000])
    words = "ran out of memory on fakegpu and computes on the CPU instead; free memory there, or"
    with pytest.warns(DeviceWarning, match=words):
        there = explained(fake_gpu.NAME, "grad_cam")
    np.testing.assert_array_equal(here.saliency[0].values, there.saliency[0].values)


# How much of each way runs on the device: calls of operators at least.
WAYS: dict[str, tuple[int, Callable[[Network, Explanation, str], object]]] = {
    "first look": (50, lambda network, one, layer: pipeline.first_look(make_pixels(), network)),
    "explanation": (50, lambda network, one, layer: eca_viz.explain(make_pixels(), network, ())),
    "map": (
        50,
        lambda network, one, layer: pipeline.saliency_map(one, "saliency", network=network),
    ),
    "scorecard": (500, lambda network, one, layer: pipeline.scorecard(one, network=network)),
    "channel map": (
        50,
        lambda network, one, layer: inspection.channel_saliency(network, one, layer, 3, "saliency"),
    ),
    "feature maps": (50, lambda network, one, layer: inspection.all_feature_maps(network, one)),
    "layers": (
        300,
        lambda network, one, layer: gate_effects.layer_effects(
            network, one, 0, reference=reference_gates(network)
        ),
    ),
    "channels": (
        200,
        lambda network, one, layer: gate_effects.channel_effects(
            network, one, layer, 0, reference=reference_gates(network)
        ),
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_each_way_to_a_result_computes_there(way: str) -> None:
    network = eca_viz.load_network(NETWORK)
    one, (least, run) = explained("cpu", "grad_cam"), WAYS[way]
    layer = one.attention[2].layer
    here = run(network, one, layer)
    fake_gpu.RAN.clear()
    there = run(network.on(fake_gpu.NAME), one, layer)
    assert len(fake_gpu.RAN) > least
    assert list(fake_gpu.ROUNDED) == [False]
    assert torch.backends.cudnn.allow_tf32
    ours, theirs = arrays(here), arrays(there)
    assert ours.keys() == theirs.keys()
    assert ours
    for name, values in ours.items():
        np.testing.assert_allclose(
            theirs[name], values, atol=1e-5 * np.abs(values).max(), err_msg=name
        )


def test_scores_are_told_once_where_the_cpu_takes_over(monkeypatch: pytest.MonkeyPatch) -> None:
    network = eca_viz.load_network(NETWORK)
    one = eca_viz.explain(make_pixels(), network, ("saliency", "grad_cam"), device="cpu")
    here = pipeline.scorecard(one, network=network)
    told = []

    def tell(score: MapScore) -> None:
        told.append(score)
        monkeypatch.setattr(fake_gpu, "LIMIT", [500_000])

    with pytest.warns(DeviceWarning, match="computes on the CPU instead"):
        pipeline.scorecard(one, network=network.on(fake_gpu.NAME), on_score=tell)
    assert [score.method for score in told] == [score.method for score in here.scores]


@pytest.mark.parametrize("way", ["scorecard", "channel map", "feature maps", "layers", "channels"])
def test_each_way_gives_way_where_the_device_is_full(
    way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    network, (_, run) = eca_viz.load_network(NETWORK), WAYS[way]
    one = explained("cpu", "grad_cam")
    layer = one.attention[2].layer
    here = arrays(run(network, one, layer))
    monkeypatch.setattr(fake_gpu, "LIMIT", [500_000])
    with pytest.warns(DeviceWarning, match="computes on the CPU instead"):
        there = arrays(run(network.on(fake_gpu.NAME), one, layer))
    for name, values in here.items():
        np.testing.assert_array_equal(there[name], values)


def test_statistics_compute_there(tmp_path: Path) -> None:
    for number in range(4):
        folder = tmp_path / "images" / str(number % 2)
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(make_pixels(number)).save(folder / f"{number}.png")
    network = eca_viz.load_network(NETWORK)
    for compute in (
        partial(folder_statistics, effects=True, engine=local(0)),
        partial(attention_need, engine=local(0)),
    ):
        here = arrays(compute(tmp_path / "images", network.on("cpu")))
        fake_gpu.RAN.clear()
        fake_gpu.ROUNDED.clear()
        there = arrays(compute(tmp_path / "images", network.on(fake_gpu.NAME)))
        assert len(fake_gpu.RAN) > 50
        assert list(fake_gpu.ROUNDED) == [False]
        assert torch.backends.cudnn.allow_tf32
        for name, values in here.items():
            np.testing.assert_allclose(there[name], values, atol=1e-5, err_msg=name)
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(fake_gpu, "LIMIT", [500_000])
            with pytest.raises(DataError, match="ran out of memory on fakegpu; free memory there"):
                compute(tmp_path / "images", network.on(fake_gpu.NAME))


def arrays(result: object, name: str = "") -> dict[str, np.ndarray]:
    """All arrays of a result by their place in it."""
    if isinstance(result, np.ndarray):
        return {name: result.astype(np.float64)}
    parts: Iterable[tuple[object, object]] = ()
    if dataclasses.is_dataclass(result):
        parts = vars(result).items()
    elif isinstance(result, dict):
        parts = result.items()
    elif isinstance(result, tuple | list):
        parts = enumerate(result)
    found: dict[str, np.ndarray] = {}
    for key, value in parts:
        found |= arrays(value, f"{name}.{key}")
    return found


def test_a_copy_is_made_once_and_goes_with_the_network() -> None:
    module = torch.nn.Linear(2, 2)
    copy = device.module_on(module, fake_gpu.NAME)
    assert device.module_on(module, fake_gpu.NAME) is copy
    assert device.module_on(module, "cpu") is module
    assert {parameter.device.type for parameter in copy.parameters()} == {fake_gpu.NAME}
    assert {parameter.device.type for parameter in module.parameters()} == {"cpu"}
    del module
    gc.collect()
    assert not list(device._copies)


def test_which_device_is_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ECA_VIZ_DEVICE", raising=False)
    for there, expected in ((False, "cpu"), (True, "cuda")):
        monkeypatch.setattr("torch.cuda.is_available", lambda there=there: there)
        assert find_device() == find_device("auto") == expected
    monkeypatch.setenv("ECA_VIZ_DEVICE", "cpu")
    assert find_device() == "cpu"
    assert find_device(fake_gpu.NAME) == fake_gpu.NAME
    monkeypatch.setenv("ECA_VIZ_DEVICE", fake_gpu.NAME)
    assert find_device() == fake_gpu.NAME
    for name in ("gpu", "cuda:77", "meta", "\x1b[31m"):
        with pytest.raises(NetworkError, match="give auto, cpu, cuda or cuda:1") as caught:
            find_device(name)
        assert str(caught.value).isprintable()


@pytest.mark.filterwarnings("default::eca_viz.errors.DeviceWarning")
def test_on_the_command_line(
    photograph_file: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    arguments = ["explain", str(photograph_file), "--network", NETWORK, "--saliency", "grad_cam"]
    arguments += ["--out", str(tmp_path / "out"), "--device"]
    assert main([*arguments, "gpu"]) == 2
    assert "got device 'gpu', on which PyTorch cannot compute here" in capsys.readouterr().err
    monkeypatch.setattr(fake_gpu, "LIMIT", [500_000])
    assert main([*arguments, fake_gpu.NAME]) == 0
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("note: Tiny ResNet")
    assert "ran out of memory on fakegpu and computes on the CPU instead" in line
    parser = argparse.ArgumentParser()
    add_device_option(parser)
    assert parser.parse_args([]).device == ""


@pytest.mark.filterwarnings("default::eca_viz.errors.DeviceWarning")
def test_the_page_says_it_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device, "fell_back", {})
    monkeypatch.setenv("ECA_VIZ_DEVICE", fake_gpu.NAME)
    app = make_app()
    app.query_params[state.NETWORK] = eca_viz.load_network(NETWORK).record.title
    healthy(app.run())
    assert [one.value for one in app.toast] == []
    assert len(fake_gpu.RAN) > 50

    monkeypatch.setattr(fake_gpu, "LIMIT", [500_000])
    healthy(app.file_uploader(key=state.UPLOADS).upload("a.png", png(73), "image/png").run())
    (toast,) = app.toast
    assert "ran out of memory on fakegpu and computes on the CPU instead" in toast.value
    assert toast.proto.duration == 0  # until it is closed
    assert not healthy(app.run()).toast
    other = make_app()
    healthy(other.run())
    assert not other.toast


@pytest.mark.filterwarnings("default::eca_viz.errors.DeviceWarning")
def test_the_mechanisms_page_says_it_of_its_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device, "fell_back", {})
    monkeypatch.setenv("ECA_VIZ_DEVICE", fake_gpu.NAME)
    app = make_app()
    app.query_params[state.MECHANISMS_TAB] = "Same image through all"
    healthy(app.run())
    monkeypatch.setattr(fake_gpu, "LIMIT", [500_000])
    healthy(app.switch_page(MECHANISMS).run())
    (toast,) = app.toast  # for all of them
    assert f"{len(trained_variants())} networks of mechanisms ran out of memory" in toast.value
    assert "ECA_VIZ_DEVICE=cpu" in toast.value.replace("\\", "")
    assert not healthy(app.run()).toast
