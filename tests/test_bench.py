"""The benchmark measures what it says; how long things take is not tested."""

from eca_viz import bench
from eca_viz.networks import load_network


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
