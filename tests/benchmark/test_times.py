"""Each time is measured against what its name says."""

import pytest

from eca_viz.attention.variants import VARIANTS
from eca_viz.benchmark import times
from eca_viz.saliency.registry import find_method


def test_every_layer_is_measured_against_se(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(times, "LAYER_REPEATS", 1)
    found = list(times.time_layers(64))
    titles = [variant.title for variant in VARIANTS if variant.name not in {"none", "se"}]
    assert [one.what for one in found] == [f"{t} on 64 × 14 × 14, against SE" for t in titles]
    assert all(one.limit is None and one.measured > 0 and one.baseline > 0 for one in found)


def test_a_method_is_measured_against_captum(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both run with the same settings, also where the benchmark takes fewer samples."""
    counts: list[int] = []
    monkeypatch.setattr(times, "medians", lambda ours, baseline: (ours(), baseline()))
    monkeypatch.setattr(times, "attribute", lambda *given: counts.append(given[-1]["n_samples"]))
    direct = {"kernel_shap": lambda *given: counts.append(given[-1]["n_samples"])}
    monkeypatch.setattr(times, "DIRECT", direct)
    times.time_saliency(find_method("kernel_shap"))
    assert counts == [50, 50]


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
