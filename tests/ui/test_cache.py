"""Results are kept by what they depend on, and computed once."""

import dataclasses
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

import eca_viz
import eca_viz.pipeline
from eca_viz import inspection
from eca_viz.export import stored
from eca_viz.images.reading import read_image
from eca_viz.images.samples import SAMPLES
from eca_viz.networks import passes
from eca_viz.networks.loading import load_network
from eca_viz.networks.registry import DEFAULT_NETWORK, find_network
from eca_viz.records import Explanation
from eca_viz.ui import cache, engine, long_work
from eca_viz.ui.kept import is_kept
from eca_viz.ui.state import NetworkChoice
from tests.ui.factories import forget, png

TINY = "resnet_tiny_eca"
NETWORK = NetworkChoice(TINY, TINY, partial(load_network, TINY), "", TINY)

works: dict[str, Callable[[Explanation], cache.Work]] = {
    "saliency": lambda one: long_work.saliency(one, NETWORK, "saliency", 0, {}),
    "scorecard": lambda one: long_work.scorecard(one, NETWORK),
    "channel saliency": lambda one: long_work.channel_saliency(
        one, NETWORK, one.attention[-1].layer, 3, "saliency"
    ),
    "channel effects": lambda one: long_work.channel_effects(
        one, NETWORK, one.attention[-1].layer, 0
    ),
    "layer effects": lambda one: long_work.layer_effects(one, NETWORK, 0),
}


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    forget(cache._computed)


@pytest.fixture(scope="module")
def unchanged() -> Explanation:
    return eca_viz.explain(SAMPLES[0].read(), TINY, ())


@pytest.fixture(scope="module")
def changed() -> Explanation:
    return eca_viz.explain(SAMPLES[0].read(), TINY, (), gates="half")


def test_a_channels_map_is_that_of_its_own_gates(
    unchanged: Explanation, changed: Explanation
) -> None:
    first, second = (works["channel saliency"](one) for one in (unchanged, changed))
    before = cache.result(first)
    assert not cache.known(second)
    after = cache.result(second)
    assert not np.allclose(before.values, after.values)
    assert cache.result(first) is before
    assert cache.result(second) is after


def test_feature_maps_are_those_of_their_own_gates(
    unchanged: Explanation, changed: Explanation
) -> None:
    layer = unchanged.attention[-1].layer
    before, after = (cache.feature_maps(one, NETWORK)[layer] for one in (unchanged, changed))
    assert not np.allclose(before.before, after.before)


@pytest.mark.parametrize("name", works)
def test_a_key_holds_image_network_labels_and_gates(
    name: str, unchanged: Explanation, changed: Explanation
) -> None:
    labels = unchanged.network.labels[::-1]
    others = (
        changed,
        replace(unchanged, image=SAMPLES[1].read()),
        replace(unchanged, network=replace(unchanged.network, labels=labels)),
        replace(unchanged, network=replace(unchanged.network, sha256="another")),
    )
    keys = {works[name](one).key for one in (unchanged, *others)}
    assert len(keys) == len(others) + 1
    assert works[name](replace(unchanged)).key == works[name](unchanged).key


def test_no_two_works_share_a_key(unchanged: Explanation) -> None:
    assert len({make(unchanged).key for make in works.values()}) == len(works)


def test_a_result_is_computed_once_and_a_failure_is_not_kept() -> None:
    calls = []

    def run(progress: object) -> str:
        calls.append(progress)
        if len(calls) == 1:
            raise eca_viz.SaliencyError("not this time")
        return "found"

    work = cache.Work("key", "title", run)
    with pytest.raises(eca_viz.SaliencyError):
        cache.result(work)
    assert not cache.known(work)
    assert [cache.result(work), cache.result(work)] == ["found", "found"]
    assert len(calls) == 2


def test_an_explanation_is_that_of_its_image_and_gates(unchanged: Explanation) -> None:
    image = unchanged.image
    plain = cache.explanation(image, NETWORK)
    assert cache.explanation(image, NETWORK, ()).attention is plain.attention
    assert not plain.saliency
    np.testing.assert_array_equal(plain.probabilities, unchanged.probabilities)
    assert cache.explanation(image, NETWORK, ("all:half",)).gates == ("all:half",)
    assert cache.explanation(SAMPLES[1].read(), NETWORK).image.sha256 != image.sha256
    for _ in range(2):
        with pytest.raises(eca_viz.SelectionError):
            cache.explanation(image, NETWORK, ("layer9:half",))


def test_an_upload_of_a_samples_own_file_is_no_sample() -> None:
    image = SAMPLES[0].read()
    uploaded = dataclasses.replace(image, sample="")
    assert cache.explanation(image, NETWORK).image.sample == SAMPLES[0].name
    assert cache.explanation(uploaded, NETWORK).image.sample == ""


def test_the_first_pass_gives_the_grad_cam_map_too(
    unchanged: Explanation, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = cache.first_pass(unchanged.image, NETWORK, ())
    target = first.predictions[0].index
    expected = eca_viz.pipeline.saliency_map(unchanged, "grad_cam")
    np.testing.assert_allclose(first.saliency[0].values, expected.values, rtol=1e-5, atol=1e-7)
    monkeypatch.setattr(eca_viz.pipeline, "saliency_map", lambda *_, **__: pytest.fail("again"))
    assert (
        cache.result(long_work.saliency(unchanged, NETWORK, "grad_cam", target, {}))
        is (first.saliency[0])
    )


def test_the_first_pass_gives_the_feature_maps_too(monkeypatch: pytest.MonkeyPatch) -> None:
    first = cache.first_pass(SAMPLES[3].read(), NETWORK, ())
    expected = inspection.all_feature_maps(NETWORK.open(), first)
    monkeypatch.setattr(inspection, "all_feature_maps", lambda *_: pytest.fail("ran again"))
    found = cache.feature_maps(cache.explanation(first.image, NETWORK), NETWORK)
    assert found.keys() == expected.keys()
    for layer, maps in expected.items():
        np.testing.assert_allclose(found[layer].before, maps.before, atol=1e-5)


def test_a_network_without_grad_cam_is_explained_without_a_map(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise eca_viz.SaliencyError("this network has none")

    monkeypatch.setattr(eca_viz.pipeline, "first_look", fail)
    found = cache.first_pass(SAMPLES[2].read(), NETWORK, ("all:ones",))
    assert not found.saliency
    assert found.attention


def test_the_default_networks_samples_need_no_network() -> None:
    network = NetworkChoice("default", "", pytest.fail, find_network(DEFAULT_NETWORK).sha256)
    for name in (DEFAULT_NETWORK, ""):
        choice = replace(network, name=name, key=name)
        if name:
            assert cache.first_pass(SAMPLES[0].read(), choice, ()).network.name == name
        else:
            with pytest.raises(pytest.fail.Exception):
                cache.first_pass(SAMPLES[0].read(), choice, ())


def test_a_hubs_result_for_a_sample_is_kept_for_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second time the network is not opened."""
    monkeypatch.setattr(stored, "KEPT", tmp_path)
    sha256 = "7" * 64
    network = eca_viz.load_network("resnet_tiny_se")
    renamed = replace(network, record=replace(network.record, name="timm:x", sha256=sha256))
    choice = NetworkChoice("timm:x", "", lambda: renamed, sha256, "timm:x")
    image = SAMPLES[0].read()
    first = cache.first_pass(image, choice, ())
    closed = replace(choice, key="the next start", open=pytest.fail)
    again = cache.first_pass(image, closed, ())
    np.testing.assert_array_equal(again.probabilities, first.probabilities)
    np.testing.assert_array_equal(again.saliency[0].values, first.saliency[0].values)
    with pytest.raises(pytest.fail.Exception):
        cache.first_pass(image, closed, ("all:ones",))
    with pytest.raises(pytest.fail.Exception):
        cache.first_pass(SAMPLES[1].read(), closed, ())


def test_a_pass_that_nobody_waits_for_ends_and_the_next_is_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Gone(BaseException):
        """As Streamlit ends a run."""

    image = read_image(png(91), "91.png")
    shares: list[float] = []

    def gone(what: str, share: float) -> None:
        shares.append(share)
        if len(shares) == 20:
            raise Gone

    with monkeypatch.context() as patched:
        patched.setattr(passes, "WITHIN", 0.0)
        patched.setattr(engine, "pulse", gone)
        with pytest.raises(Gone):
            cache.first_pass(image, NETWORK, ())
    assert not is_kept(cache.first_pass, image, NETWORK, ())
    found = cache.first_pass(image, NETWORK, ())
    assert found.saliency[0].method == "grad_cam"
    assert cache.first_pass(image, NETWORK, ()) is found
