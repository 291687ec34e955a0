"""The benchmark measures what it says; how long things take is not tested."""

import pytest

from eca_viz.attention.variants import VARIANTS
from eca_viz.benchmark import measure as bench
from eca_viz.networks.loading import load_network
from eca_viz.saliency.registry import find_method


def test_ratio_and_verdict() -> None:
    good, bad = (bench.Ratio("x against y", measured, 10.0, "ms", 1.25) for measured in (12, 13))
    assert good.ratio == 1.2
    assert str(good) == " 1.200 (within 1.25)  x against y: 12.0 ms against 10.0 ms"
    assert "OVER 1.25" in str(bad)


def test_medians_alternate_and_leave_out_the_warm_up() -> None:
    calls: list[str] = []
    ours, baseline = bench._medians(lambda: calls.append("a"), lambda: calls.append("b"))
    assert calls == ["a", "b"] * (bench.RUNS + 2)
    assert bench.RUNS >= 7
    assert ours > 0
    assert baseline > 0


def test_explanations_at_once_hold_the_weights_once() -> None:
    module = load_network("eca_resnet18_imagenette").module
    weights = sum(t.nbytes for t in (*module.parameters(), *module.buffers()))
    assert bench._weights_held(1) >= weights
    assert bench._weights_held(4) <= 1.1 * bench._weights_held(1)


def test_a_finding_has_no_verdict_and_short_times_keep_their_figures() -> None:
    finding = bench.Ratio("x against y", 0.09, 0.15, "ms", None)
    assert str(finding) == " 0.600  x against y: 0.090 ms against 0.150 ms"


def test_every_layer_is_held_against_se(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "LAYER_REPEATS", 1)
    found = list(bench._layers(64))
    titles = [variant.title for variant in VARIANTS if variant.name not in {"none", "se"}]
    assert [one.what for one in found] == [f"{t} on 64 × 14 × 14, against SE" for t in titles]
    assert all(one.limit is None and one.measured > 0 and one.baseline > 0 for one in found)


def test_settings_of_the_bench_are_those_of_methods() -> None:
    for settings in (bench.FEWER, bench.SCORED):
        for name, given in settings.items():
            assert given.items() <= find_method(name).complete(given).items()


def test_a_method_is_held_against_captum(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both run with the same settings, also where the bench takes fewer samples."""
    counts: list[int] = []
    monkeypatch.setattr(bench, "_medians", lambda ours, baseline: (ours(), baseline()))
    monkeypatch.setattr(bench, "attribute", lambda *given: counts.append(given[-1]["n_samples"]))
    direct = {"kernel_shap": lambda *given: counts.append(given[-1]["n_samples"])}
    monkeypatch.setattr(bench, "DIRECT", direct)
    bench._saliency(find_method("kernel_shap"))
    assert counts == [50, 50]
