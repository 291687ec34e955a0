"""Ratios in words, and how times are taken; how long things take is not tested."""

from eca_viz.benchmark.ratio import RUNS, Ratio, medians


def test_ratio_and_verdict() -> None:
    good, bad = (Ratio("x against y", measured, 10.0, "ms", 1.25) for measured in (12, 13))
    assert good.ratio == 1.2
    assert str(good) == " 1.200 (within 1.25)  x against y: 12.0 ms against 10.0 ms"
    assert "OVER 1.25" in str(bad)
    assert (good.within, bad.within) == (True, False)


def test_a_finding_has_no_verdict_and_short_times_keep_their_figures() -> None:
    finding = Ratio("x against y", 0.09, 0.15, "ms", None)
    assert finding.within is None
    assert str(finding) == " 0.600  x against y: 0.090 ms against 0.150 ms"


def test_medians_alternate_and_leave_out_the_warm_up() -> None:
    calls: list[str] = []
    ours, baseline = medians(lambda: calls.append("a"), lambda: calls.append("b"))
    assert calls == ["a", "b"] * (RUNS + 2)
    assert RUNS >= 7
    assert ours > 0
    assert baseline > 0
