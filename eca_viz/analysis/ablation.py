"""The ablation's table: one row a run, kept as CSV, and what the rows say together."""

import csv
import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eca_viz.errors import DataError
from eca_viz.records import Row, Summary

REFERENCE = "eca"
SIGNIFICANT = 0.05


COLUMNS = tuple(field.name for field in dataclasses.fields(Row))


def read_rows(table: Path) -> list[Row]:
    """All runs in a table, none where it does not exist; raises DataError for another file."""
    if not table.exists():
        return []
    with table.open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        if tuple(reader.fieldnames or ()) != COLUMNS:
            raise DataError(
                f"{table} has the columns {', '.join(reader.fieldnames or ['none'])}; a table of "
                f"ablation runs has {', '.join(COLUMNS)}"
            )
        try:
            return [_parse(line) for line in reader]
        except (TypeError, ValueError) as error:
            raise DataError(
                f"line {reader.line_num} of {table} is not a run ({error}); remove the line, and "
                "the run is done again"
            ) from error


def _parse(line: Mapping[str, str]) -> Row:
    return Row(
        recipe=line["recipe"],
        mechanism=line["mechanism"],
        seed=int(line["seed"]),
        top1=float(line["top1"]),
        top5=float(line["top5"]),
        images=int(line["images"]),
        parameters=int(line["parameters"]),
        attention_parameters=int(line["attention_parameters"]),
        seconds=float(line["seconds"]),
        torch=line["torch"],
    )


def add_row(table: Path, row: Row) -> None:
    """Adds a run at the end of a table, which is created where it does not exist."""
    table.parent.mkdir(parents=True, exist_ok=True)
    new = not table.exists()
    with table.open("a", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        if new:
            writer.writerow(COLUMNS)
        writer.writerow(dataclasses.astuple(row))


def summarise(rows: Sequence[Row], reference: str = REFERENCE) -> tuple[Summary, ...]:
    """One Summary for each mechanism, in the order in which they first occur."""
    names = dict.fromkeys(row.mechanism for row in rows)
    by_seed = {name: {r.seed: r for r in rows if r.mechanism == name} for name in names}
    return tuple(_summary(name, own, by_seed.get(reference, {})) for name, own in by_seed.items())


def _summary(name: str, own: Mapping[int, Row], reference: Mapping[int, Row]) -> Summary:
    runs = list(own.values())
    top1 = np.array([run.top1 for run in runs])
    shared = [] if own is reference else [seed for seed in own if seed in reference]
    differences = np.array([own[seed].top1 - reference[seed].top1 for seed in shared])
    return Summary(
        mechanism=name,
        runs=len(runs),
        top1=float(top1.mean()),
        spread=float(top1.std(ddof=1)) if len(runs) > 1 else None,
        top5=float(np.mean([run.top5 for run in runs])),
        parameters=runs[0].parameters,
        attention_parameters=runs[0].attention_parameters,
        seconds=float(np.mean([run.seconds for run in runs])),
        pairs=len(shared),
        difference=float(differences.mean()) if shared else None,
        p_value=_p_value(differences),
    )


def _p_value(differences: NDArray[np.float64]) -> float | None:
    """None where there are too few differences, or all are the same, to test them."""
    from scipy import stats  # slow to import, and only the ablation needs it

    if len(differences) < 2 or np.ptp(differences) == 0:
        return None
    return float(stats.ttest_1samp(differences, 0).pvalue)


def finding(summaries: Sequence[Summary]) -> str:
    """In a sentence or two, what the runs show of the differences to ECA, and what they do not.

    With several comparisons a small p-value happens by chance, so each is held against
    0.05 divided by their number (Bonferroni).
    """
    compared = [one for one in summaries if one.difference is not None]
    tested = [one for one in compared if one.p_value is not None]
    if not tested:
        return (
            "There are not yet two runs with the same seeds of any mechanism and of ECA, so no "
            "difference can be told from the spread between seeds."
        )
    level = SIGNIFICANT / len(tested)
    clear = [one for one in tested if one.p_value is not None and one.p_value < level]
    pairs = [one.pairs for one in tested]
    seeds = f"{min(pairs)}" if min(pairs) == max(pairs) else f"{min(pairs)} to {max(pairs)}"
    size = 100 * max(abs(one.difference) for one in tested if one.difference is not None)
    text = (
        f"Over {seeds} seeds each, {len(tested)} mechanisms were compared with ECA; the mean top-1 "
        f"differs by at most {size:.1f} points. "
    )
    if not clear:
        return (
            text + "None of the differences is clear of the spread between seeds (paired t-test at "
            f"5 %, shared among {len(tested)} comparisons): these runs neither confirm nor refute "
            "the paper's order."
        )
    named = ", ".join(
        f"{one.mechanism} ({100 * (one.difference or 0):+.1f} points)" for one in clear
    )
    return (
        text + f"Clear of the spread between seeds (paired t-test at 5 %, shared among "
        f"{len(tested)} comparisons) {'is' if len(clear) == 1 else 'are'} {named}; the rest "
        "neither confirms nor refutes the paper's order."
    )


def kernel_finding(rows: Sequence[Row], kernels: Mapping[str, int]) -> str:
    """In words, how far the kernel sizes are apart beside the spread between seeds.

    `kernels` gives k by mechanism; there must be a run of at least one of them.
    """
    means = {one.mechanism: one for one in summarise(rows) if one.mechanism in kernels}
    ordered = sorted(means.values(), key=lambda one: one.top1)
    if len(ordered) < 2:
        return "There are runs of one k only so far, so nothing can be said of its choice."
    spreads = [one.spread for one in ordered if one.spread is not None]
    fewest = min(one.runs for one in ordered)
    low, high = (f"k = {kernels[one.mechanism]}" for one in (ordered[0], ordered[-1]))
    range_ = 100 * (ordered[-1].top1 - ordered[0].top1)
    text = (
        f"Between {low} (lowest mean) and {high} (highest) lie {range_:.1f} points, with "
        f"{fewest} {'seed' if fewest == 1 else 'seeds'} or more for each k. "
    )
    if not spreads:
        return text + "With one training each, nothing can be said of the spread between seeds."
    spread = 100 * float(np.mean(spreads))
    verdict = "no more than twice" if range_ <= 2 * spread else "more than twice"
    return text + f"That is {verdict} the spread between seeds of one k ({spread:.1f} points)."
