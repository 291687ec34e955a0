"""The table of runs: kept as written, summed up as by hand, and said in honest words."""

import dataclasses
from pathlib import Path

import pytest
from scipy import stats

from eca_viz.analysis.ablation import (
    COLUMNS,
    accuracy,
    add_row,
    finding,
    kernel_finding,
    read_rows,
    summarise,
)
from eca_viz.errors import DataError
from eca_viz.paths import ABLATION, ASSETS
from tests.factories import row, rows


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    table = tmp_path / "new" / "table.csv"
    assert read_rows(table) == []
    written = [row("eca", 0, 0.8123), row("se", 1, 0.8)]
    for one in written:
        add_row(table, one)
    assert read_rows(table) == written
    assert table.read_text(encoding="utf-8").splitlines()[0] == ",".join(COLUMNS)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("name,age\nx,1\n", "has the columns name, age"),
        ("", "has the columns none"),
        (",".join(COLUMNS) + "\nabc,eca,0,high,1,1,1,1,1,2\n", "line 2 of .* is not a run"),
        (",".join(COLUMNS) + "\nabc,eca,0\n", "line 2 of .* is not a run"),
        ("name\nx\ny,1,2\n", "is not a table of ablation runs"),
    ],
)
def test_another_file_is_refused(text: str, sentence: str, tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    table.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=sentence):
        read_rows(table)


def test_a_run_that_was_done_again_counts_once() -> None:
    (eca,) = summarise([*rows(eca=[0.1, 0.82]), row("eca", 0, 0.8)])
    assert eca.runs == 2
    assert eca.top1 == pytest.approx(0.81)


def test_summary_by_hand() -> None:
    """SE-Var2 is 1, 2 and 3 points below ECA on the same seeds: t = -2 / (1 / √3)."""
    se_var2, eca = summarise(rows(se_var2=[0.79, 0.80, 0.78], eca=[0.80, 0.82, 0.81]))
    assert se_var2.top1 == pytest.approx(0.79)
    assert se_var2.spread == pytest.approx(0.01)
    assert (se_var2.runs, se_var2.pairs) == (3, 3)
    assert se_var2.difference == pytest.approx(-0.02)
    assert se_var2.p_value == pytest.approx(2 * stats.t.sf(2 * 3**0.5, df=2))
    assert (eca.difference, eca.p_value, eca.pairs) == (None, None, 0)
    assert eca.top1 == pytest.approx(0.81)


def test_only_the_same_seeds_are_paired() -> None:
    runs = [*rows(eca=[0.8, 0.8]), row("se", 1, 0.9), row("se", 5, 0.1)]
    se = summarise(runs)[1]
    assert (se.runs, se.pairs) == (2, 1)
    assert se.difference == pytest.approx(0.1)
    assert se.p_value is None


def test_without_eca_nothing_is_compared() -> None:
    (se,) = summarise(rows(se=[0.8]))
    assert (se.spread, se.difference, se.p_value, se.pairs) == (None, None, None, 0)


def test_the_finding_says_when_nothing_is_clear() -> None:
    assert "not yet two runs" in finding(summarise(rows(se=[0.8], eca=[0.81])))
    noisy = finding(summarise(rows(se=[0.8, 0.82, 0.79], none=[0.81, 0.8, 0.8], eca=[0.81] * 3)))
    assert "Over 3 seeds each, 2 mechanisms" in noisy
    assert "neither confirm nor refute" in noisy


def test_the_finding_names_what_is_clear() -> None:
    runs = rows(
        none=[0.7, 0.7001, 0.6999, 0.7], se=[0.8, 0.82, 0.79, 0.8], eca=[0.8, 0.8, 0.8, 0.801]
    )
    said = finding(summarise(runs))
    assert "is none (-10.0 points)" in said
    assert "shared among 2 comparisons" in said
    assert "is No attention (-10.0" in finding(summarise(runs), {"none": "No attention"})


def test_an_accuracy_in_words() -> None:
    one, two = summarise(rows(se=[0.8], eca=[0.80, 0.82]))
    assert accuracy(one) == "80.00 (1 run)"
    assert accuracy(two) == "81.00 ± 1.41 (2 runs)"
    assert accuracy(None) == "not measured"


def test_kernel_sizes_beside_the_spread() -> None:
    kernels = {"eca_k1": 1, "eca_k3": 3}
    close = kernel_finding(rows(eca_k1=[0.80, 0.82], eca_k3=[0.81, 0.83], eca=[0.1]), kernels)
    assert "Between k = 1 (lowest mean) and k = 3 (highest) lie 1.0 points, with 2 seeds" in close
    assert "no more than twice the spread between seeds of one k (1.4 points)" in close
    far = kernel_finding(rows(eca_k1=[0.70, 0.701], eca_k3=[0.81, 0.811]), kernels)
    assert "more than twice the spread" in far
    assert "nothing can be said" in kernel_finding(rows(eca_k1=[0.8], eca_k3=[0.9]), kernels)
    assert "runs of one k only" in kernel_finding(rows(eca_k3=[0.9], eca=[0.8]), kernels)


def test_the_projects_table_holds_runs_of_one_recipe() -> None:
    found = read_rows(ASSETS / ABLATION)
    assert len({one.recipe for one in found}) == 1
    keys = [(one.mechanism, one.seed) for one in found]
    assert len(set(keys)) == len(keys)
    for one in found:
        assert 0.5 < one.top1 < one.top5 <= 1
        assert one.images == 3925
        assert dataclasses.asdict(one)["torch"]


def test_a_run_that_was_repeated_keeps_the_order() -> None:
    first, other = row("se", 0, 0.5), row("eca", 0, 0.7)
    again = dataclasses.replace(first, top1=0.6)
    found = summarise([first, other, again])
    assert [(one.mechanism, one.top1) for one in found] == [("se", 0.6), ("eca", 0.7)]


def test_the_p_value_is_that_of_the_paired_t_test() -> None:
    runs = read_rows(ASSETS / ABLATION)
    top1 = {(one.mechanism, one.seed): one.top1 for one in runs}
    tested = [one for one in summarise(runs) if one.p_value is not None]
    assert tested
    for one in tested:
        seeds = [seed for name, seed in top1 if name == one.mechanism and ("eca", seed) in top1]
        ours, theirs = ([top1[name, seed] for seed in seeds] for name in (one.mechanism, "eca"))
        assert one.p_value == pytest.approx(stats.ttest_rel(ours, theirs).pvalue, rel=1e-9)
