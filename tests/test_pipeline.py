"""explain(): the same numbers alone and among sixteen threads, and nothing left behind."""

import dataclasses
import gc
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

import eca_viz
from eca_viz import pipeline
from eca_viz.attention import discovery
from eca_viz.attention.discovery import AttentionLayer, find_attention
from eca_viz.errors import SelectionError
from eca_viz.gates import capture, intervene
from eca_viz.images.reading import read_image
from eca_viz.networks.architectures.eca_resnet import eca_resnet18
from eca_viz.records import Explanation
from eca_viz.saliency.registry import METHODS
from tests.factories import QUICK, hooks_on, make_pixels, randomise, save_safetensors
from tests.steady_memory import resident

ALL = tuple(method.name for method in METHODS)
# The smallest network that has attention: every method runs 32 times.
SMALL = "resnet_tiny_eca"


def assert_same(one: Explanation, other: Explanation) -> None:
    assert one.predictions == other.predictions
    for ours, theirs in zip(one.attention, other.attention, strict=True):
        assert ours.layer == theirs.layer
        np.testing.assert_array_equal(ours.weights, theirs.weights)
        np.testing.assert_array_equal(ours.logits, theirs.logits)
    for ours, theirs in zip(one.saliency, other.saliency, strict=True):
        assert ours.method == theirs.method
        np.testing.assert_array_equal(ours.values, theirs.values)


def test_a_complete_explanation(explained: Explanation) -> None:
    network = eca_viz.load_network("eca_resnet18_imagenette")
    probabilities = [p.probability for p in explained.predictions]
    assert len(probabilities) == 5
    assert probabilities == sorted(probabilities, reverse=True)
    assert all(network.record.labels[p.index] == p.label for p in explained.predictions)
    assert explained.seen.shape == (176, 176, 3)
    assert [record.channels for record in explained.attention] == [64] * 2 + [128] * 2 + [
        256
    ] * 2 + [512] * 2
    assert [record.kernel_size for record in explained.attention] == [3, 3, 5, 5, 5, 5, 5, 5]
    assert [record.order for record in explained.attention] == list(range(8))
    assert [s.method for s in explained.saliency] == ["integrated_gradients", "grad_cam"]
    assert {s.target for s in explained.saliency} == {explained.predictions[0]}
    assert explained.network.sha256 == network.spec.sha256
    assert {"torch", "captum", "python"} <= explained.versions.keys()
    assert explained.layer("layer2.0.eca") is explained.attention[2]
    with pytest.raises(SelectionError, match="no attention layer 'x'"):
        explained.layer("x")


def test_predictions_are_those_of_the_network(explained: Explanation) -> None:
    network = eca_viz.load_network("eca_resnet18_imagenette")
    with torch.no_grad():
        logits = network.module(network.spec.preprocess.see(explained.image)[1])
    expected = torch.softmax(logits, 1)[0]
    for prediction in explained.predictions:
        assert prediction.probability == pytest.approx(float(expected[prediction.index]), abs=1e-6)


def test_a_chosen_class_by_index_or_label() -> None:
    image = read_image(make_pixels())
    by_index = eca_viz.explain(image, saliency=("saliency",), target=7)
    by_label = eca_viz.explain(image, saliency=("saliency",), target="gas pump")
    assert by_index.saliency[0].target.label == "gas pump"
    assert_same(by_index, by_label)
    other = eca_viz.explain(image, saliency=("saliency",), target=0)
    assert not np.array_equal(other.saliency[0].values, by_index.saliency[0].values)


@pytest.mark.parametrize(
    ("options", "error", "sentence"),
    [
        ({"network": "none"}, eca_viz.NetworkError, "no network is called"),
        ({"saliency": ("lime",)}, eca_viz.SaliencyError, "no saliency method is called"),
        ({"target": "pagoda"}, eca_viz.SelectionError, "got class 'pagoda'"),
        ({"parameters": {"occlusion": {}}}, eca_viz.SaliencyError, "not among the methods"),
        ({"parameters": {"lime": {}}}, eca_viz.SaliencyError, "no saliency method is called"),
        (
            {"parameters": {"integrated_gradients": {"n_steps": 1}}},
            eca_viz.SaliencyError,
            "goes from 10",
        ),
    ],
)
def test_bad_requests_get_a_sentence(
    options: dict[str, object], error: type[Exception], sentence: str
) -> None:
    with pytest.raises(error, match=sentence):
        eca_viz.explain(make_pixels(), **options)


def test_one_method_may_be_given_by_its_name() -> None:
    found = eca_viz.explain(make_pixels(), saliency="grad_cam").saliency
    assert [saliency.method for saliency in found] == ["grad_cam"]


def test_a_bad_photograph_gets_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(eca_viz.ImageError, match="cannot be read"):
        eca_viz.explain(tmp_path / "none.jpg")


def test_sixteen_threads_get_what_each_gets_alone() -> None:
    images = [read_image(make_pixels(seed), f"photo {seed}") for seed in range(16)]
    alone = [eca_viz.explain(image, SMALL, ALL, parameters=QUICK) for image in images]
    together = threading.Barrier(len(images))

    def explain(image: object) -> Explanation:
        together.wait()
        return eca_viz.explain(image, SMALL, ALL, parameters=QUICK)

    with ThreadPoolExecutor(len(images)) as pool:
        crowd = list(pool.map(explain, images))
    for one, other in zip(alone, crowd, strict=True):
        assert_same(one, other)
    assert len({one.attention[-1].weights.tobytes() for one in alone}) == len(images)
    assert hooks_on(eca_viz.load_network(SMALL).module) == 0


def test_the_shared_network_is_untouched_by_a_stopped_method() -> None:
    network = eca_viz.load_network("eca_resnet18_imagenette")
    before = {name: value.clone() for name, value in network.module.state_dict().items()}

    def stop(title: str, fraction: float) -> None:
        raise KeyboardInterrupt

    for name in ALL:
        with pytest.raises(KeyboardInterrupt):
            eca_viz.explain(make_pixels(), network, (name,), progress=stop)
    assert hooks_on(network.module) == 0
    for name, value in network.module.state_dict().items():
        torch.testing.assert_close(value, before[name], rtol=0, atol=0)


def test_a_map_for_a_result_has_the_labels_that_its_network_was_given(tmp_path: Path) -> None:
    path = tmp_path / "mine.safetensors"
    save_safetensors(randomise(eca_resnet18(num_classes=2)), path)
    network = eca_viz.load_network(path, labels=["cat", "dog"])
    found = eca_viz.explain(make_pixels(), network, saliency=())
    again = pipeline.saliency_map(found, "saliency", "dog")
    assert (again.target.index, again.target.label) == (1, "dog")
    unnamed = eca_viz.explain(make_pixels(), path, saliency=())
    assert pipeline.saliency_map(unnamed, "saliency", 1).target.label == "class 1"


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux's /proc")
def test_memory_does_not_grow_over_300_explanations() -> None:
    image = read_image(make_pixels())

    def repeat(count: int) -> tuple[float, int]:
        for _ in range(count):
            eca_viz.explain(image, SMALL, saliency=("grad_cam",))
        megabytes = resident()
        modules = sum(issubclass(type(thing), nn.Module) for thing in gc.get_objects())
        return megabytes, modules

    repeat(50)
    before, modules = repeat(50)
    after, modules_after = repeat(250)
    assert modules_after == modules
    assert after - before < 16


def test_attention_layers_are_found_once_for_a_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Capture, changed gates, saliency, scorecard and inspection take over what was found."""
    shipped = eca_viz.load_network("resnet_tiny_eca")
    network = dataclasses.replace(shipped)
    calls: list[nn.Module] = []

    def counted(model: nn.Module, also: tuple[str, ...] = ()) -> tuple[AttentionLayer, ...]:
        calls.append(model)
        return find_attention(model, also)

    for module in (discovery, capture, intervene):
        monkeypatch.setattr(module, "find_attention", counted)
    found = eca_viz.explain(
        make_pixels(), network, ("grad_cam",), gates="layer4:shuffle=3", scores=True
    )
    layer = found.attention[-1].layer
    eca_viz.channel_steps(network, found, found.attention[0].layer, [0])
    eca_viz.feature_maps(network, found, layer)
    eca_viz.channel_saliency(network, found, layer, 0)
    eca_viz.channel_effects(network, found, layer, 0, reference=eca_viz.reference_gates(network))
    assert len(calls) == 1
