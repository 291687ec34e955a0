"""Each time is measured against what its name says."""

from collections.abc import Callable

import numpy as np
import pytest

from eca_viz.attention.variants import VARIANTS
from eca_viz.benchmark import measure, times
from eca_viz.networks.architectures.eca_resnet import eca_resnet18
from eca_viz.networks.state import prepare
from eca_viz.saliency.registry import METHODS, find_method


def test_every_layer_is_measured_against_se(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(times, "LAYER_REPEATS", 1)
    found = list(times.time_layers(64))
    titles = [variant.title for variant in VARIANTS if variant.name not in {"none", "se"}]
    assert [one.what for one in found] == [f"{t} on 64 × 14 × 14, against SE" for t in titles]
    assert all(one.limit is None and one.measured > 0 and one.baseline > 0 for one in found)


def test_a_method_is_measured_against_captum(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both run with the same settings, also where the benchmark takes fewer samples."""
    counts: list[int] = []
    monkeypatch.setattr(times, "medians", lambda ours, baseline, runs: (ours(), baseline()))
    monkeypatch.setattr(times, "attribute", lambda *given: counts.append(given[-1]["n_samples"]))
    direct = {"kernel_shap": lambda *given: counts.append(given[-1]["n_samples"])}
    monkeypatch.setattr(times, "DIRECT", direct)
    times.time_saliency(find_method("kernel_shap"))
    assert counts == [50, 50]
    fewest = {"kernel_shap": {"n_samples": 60}}
    times.time_saliency(find_method("kernel_shap"), fewest, runs=1)
    assert counts[2:] == [60, 60]


def test_a_method_has_its_own_limit_where_one_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(times, "medians", lambda ours, baseline, runs: (1.0, 1.0))
    monkeypatch.setattr(times, "SALIENCY_LIMITS", {"saliency": 0.5})
    assert times.time_saliency(find_method("saliency")).limit == 0.5
    assert times.time_saliency(find_method("occlusion")).limit == times.SALIENCY_LIMIT


def test_attention_and_its_parts_are_measured_against_the_bare_pass(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each runs without leaving a hook on the network that all share."""
    monkeypatch.setattr(times, "medians", _once)
    module = prepare(eca_resnet18())
    attention = times.time_attention("ECA-ResNet-18", module)
    assert attention.limit == 1.15
    parts = list(times.time_parts("ECA-ResNet-18", module))
    assert [one.what.partition(",")[0] for one in parts] == [
        "the private copy",
        "putting hooks on and removing them",
        "a captured pass of a private copy",
        "the pass that verifies every layer's reading",
    ]
    assert all(one.limit is None for one in parts)
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in module.modules())


def test_explain_is_measured_against_grad_cam_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(times, "medians", _once)
    asked: list[tuple[str, ...]] = []
    explain = times.explain
    monkeypatch.setattr(
        times, "explain", lambda *given: (asked.append(given[2]), explain(*given))[1]
    )
    assert times.time_explain().limit == 1.2
    assert asked == [(), ("grad_cam",)]


def test_reading_is_measured_against_its_allowance(monkeypatch: pytest.MonkeyPatch) -> None:
    def both(ours: Callable[[], object], baseline: Callable[[], object], runs: int) -> tuple:
        np.testing.assert_array_equal(ours(), baseline())
        return 75.0, 70.0

    monkeypatch.setattr(times, "medians", both)
    found = times.time_reading()
    assert (found.ratio, found.within) == (0.25, True)


def _once(ours: Callable[[], object], baseline: Callable[[], object], runs: int) -> tuple:
    ours()
    baseline()
    return 1.0, 1.0


@pytest.mark.parametrize("full", [False, True])
def test_the_short_benchmark_is_a_part_of_the_full_one(
    full: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With what takes long replaced: only which measurements there are is looked at."""
    single = ("time_attention", "time_explain", "time_reading", "time_saliency", "time_clone")
    for name in (*single, "time_effects"):
        monkeypatch.setattr(measure, name, lambda *given, name=name: name)
    for name in ("time_parts", "time_layers"):
        monkeypatch.setattr(measure, name, lambda *given, name=name: iter([name]))
    for name in ("memory_of_explanations", "memory_of_networks", "memory_of_scorecard"):
        monkeypatch.setattr(measure, name, lambda name=name: name)
    short = ["time_attention", "time_parts"] * 2 + ["time_explain", "time_reading"]
    short += ["time_saliency"] * len(METHODS) + ["memory_of_explanations"]
    rest = ["time_clone", "time_effects", "time_effects"]
    rest += ["memory_of_networks", "memory_of_scorecard"] + ["time_layers"] * 6
    assert list(measure.measure(full)) == short + rest * full


def test_clones_are_measured_against_a_deep_copy_that_shares_the_tensors(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    memos: list[set[int]] = []
    monkeypatch.setattr(times, "medians", lambda ours, baseline: (1.0, baseline() or 1.0))
    monkeypatch.setattr(times.copy, "deepcopy", lambda module, memo: memos.append(set(memo)))
    module = times.eca_resnet50()
    monkeypatch.setattr(times, "eca_resnet50", lambda: module)
    assert times.time_clone().limit is None
    assert memos == [{id(tensor) for tensor in (*module.parameters(), *module.buffers())}]
