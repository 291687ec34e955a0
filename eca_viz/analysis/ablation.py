"""The ablation's table, a row for each run, kept as CSV, and its summary."""

import csv
import dataclasses
import typing
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean, stdev

from eca_viz.errors import DataError
from eca_viz.locale.texts import listed, text, tr, trn
from eca_viz.records import Row, Summary

REFERENCE = "eca"
SIGNIFICANT = 0.05

# How each field is read from its text.
_TYPES = typing.get_type_hints(Row)
COLUMNS = tuple(_TYPES)


def read_rows(table: Path) -> list[Row]:
    """All runs in a table, none where it does not exist; raises DataError for another file."""
    if not table.exists():
        return []
    try:
        with table.open(encoding="utf-8", newline="") as file:
            columns, *lines = [*csv.reader(file)] or [[]]
    except (ValueError, csv.Error) as error:  # text in another encoding
        raise DataError(
            text("{table} is not a table of ablation runs ({error})", table=table, error=str(error))
        ) from error
    if any(len(line) > len(columns) for line in lines):
        raise DataError(
            text(
                "{table} is not a table of ablation runs (a line has more fields than the first)",
                table=table,
            )
        )
    if tuple(columns) != COLUMNS:
        raise DataError(
            text(
                "{table} has the columns {columns}; a table of ablation runs has {right}",
                table=table,
                columns=", ".join(columns) or text("none"),
                right=", ".join(COLUMNS),
            )
        )
    return [_row(table, number, line) for number, line in enumerate(lines, 2) if line]


def _row(table: Path, number: int, line: Sequence[str]) -> Row:
    try:
        return Row(*(kind(cell) for kind, cell in zip(_TYPES.values(), line, strict=True)))
    except ValueError as error:
        raise DataError(
            text(
                "line {number} of {table} is not a run ({error}); remove the line, and the run is "
                "done again",
                number=number,
                table=table,
                error=str(error),
            )
        ) from error


def add_row(table: Path, row: Row) -> None:
    """Adds a run at the end of a table, which is created where it does not exist."""
    table.parent.mkdir(parents=True, exist_ok=True)
    new = not table.exists()
    with table.open("a", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        if new:
            writer.writeheader()
        writer.writerow(dataclasses.asdict(row))


def summarise(rows: Sequence[Row], reference: str = REFERENCE) -> tuple[Summary, ...]:
    """One Summary for each mechanism, in the order in which they first occur.

    A run that was done again counts once, as it was done last.
    """
    runs: dict[str, dict[int, Row]] = {}
    for row in rows:
        runs.setdefault(row.mechanism, {})[row.seed] = row
    compared = {seed: row.top1 for seed, row in runs.get(reference, {}).items()}
    return tuple(
        _summary(list(own.values()), {} if name == reference else compared)
        for name, own in runs.items()
    )


def _summary(own: Sequence[Row], reference: Mapping[int, float]) -> Summary:
    """Of the runs of one mechanism; `reference` is top-1 by seed."""
    top1 = [row.top1 for row in own]
    differences = [row.top1 - reference[row.seed] for row in own if row.seed in reference]
    return Summary(
        mechanism=own[0].mechanism,
        runs=len(own),
        top1=fmean(top1),
        spread=stdev(top1) if len(own) > 1 else None,
        top5=fmean(row.top5 for row in own),
        parameters=own[0].parameters,
        attention_parameters=own[0].attention_parameters,
        seconds=fmean(row.seconds for row in own),
        pairs=len(differences),
        difference=fmean(differences) if differences else None,
        p_value=_p_value(differences),
    )


def _p_value(differences: Sequence[float]) -> float | None:
    """Of the two-sided t-test; None where there are too few differences, or all are the same.

    By the distribution alone: `scipy.stats`, which has the test, takes 0.7 s to import.
    """
    if len(differences) < 2 or max(differences) == min(differences):
        return None
    from scipy.special import stdtr

    count = len(differences)
    t = fmean(differences) / (stdev(differences) / count**0.5)
    return float(2 * stdtr(count - 1, -abs(t)))


def accuracy(summary: Summary | None) -> str:
    """Mean top-1 and its spread between seeds in per cent, and the number of runs."""
    if summary is None:
        return tr("not measured")
    spread = "" if summary.spread is None else f" ± {100 * summary.spread:.2f}"
    top1 = f"{100 * summary.top1:.2f}{spread}"
    return trn("{top1} ({n} run)", "{top1} ({n} runs)", summary.runs, top1=top1)


def finding(summaries: Sequence[Summary], titles: Mapping[str, str] | None = None) -> str:
    """What the runs show of the differences to ECA, and what they do not, in a sentence or two.

    Among several comparisons a small p-value is likely even without a difference, so each is
    compared with 0.05 divided by their number (Bonferroni). `titles` are used in place of the
    mechanisms' names.
    """
    compared = [one for one in summaries if one.difference is not None]
    tested = [one for one in compared if one.p_value is not None]
    if not tested:
        return tr(
            "There are not yet two runs with the same seeds of any mechanism and of ECA, so no "
            "difference can be told from the spread between seeds."
        )
    level = SIGNIFICANT / len(tested)
    clear = [one for one in tested if one.p_value is not None and one.p_value < level]
    pairs = [one.pairs for one in tested]
    compared_with = tr(
        "Over {seeds} seeds each, {mechanisms} mechanisms were compared with ECA; the mean top-1 "
        "differs by at most {points:.1f} points.",
        seeds=_range(min(pairs), max(pairs)),
        mechanisms=len(tested),
        points=100 * max(abs(one.difference) for one in tested if one.difference is not None),
    )
    if not clear:
        shown = tr(
            "None of the differences is clear of the spread between seeds (paired t-test at 5 %, "
            "shared among {comparisons} comparisons): these runs neither confirm nor refute the "
            "paper's order.",
            comparisons=len(tested),
        )
        return f"{compared_with} {shown}"
    named = listed(
        tr(
            "{mechanism} ({points:+.1f} points)",
            mechanism=tr((titles or {}).get(one.mechanism, one.mechanism)),
            points=100 * (one.difference or 0),
        )
        for one in clear
    )
    shown = trn(
        "Clear of the spread between seeds (paired t-test at 5 %, shared among {comparisons} "
        "comparisons) is {mechanisms}; the rest neither confirms nor refutes the paper's order.",
        "Clear of the spread between seeds (paired t-test at 5 %, shared among {comparisons} "
        "comparisons) are {mechanisms}; the rest neither confirms nor refutes the paper's order.",
        len(clear),
        comparisons=len(tested),
        mechanisms=named,
    )
    return f"{compared_with} {shown}"


def _range(fewest: int, most: int) -> str:
    if fewest == most:
        return str(fewest)
    return tr("{fewest} to {most}", fewest=fewest, most=most)


def kernel_finding(rows: Sequence[Row], kernels: Mapping[str, int]) -> str:
    """How far the kernel sizes' accuracies are apart, beside the spread between seeds, in words.

    `kernels` gives k by mechanism; there must be a run of at least one of them.
    """
    means = {one.mechanism: one for one in summarise(rows) if one.mechanism in kernels}
    ordered = sorted(means.values(), key=lambda one: one.top1)
    if len(ordered) < 2:
        return tr("There are runs of one k only so far, so nothing can be said of its choice.")
    spreads = [one.spread for one in ordered if one.spread is not None]
    low, high = (f"k = {kernels[one.mechanism]}" for one in (ordered[0], ordered[-1]))
    range_ = 100 * (ordered[-1].top1 - ordered[0].top1)
    apart = trn(
        "Between {low} (lowest mean) and {high} (highest) lie {points:.1f} points, with {n} seed "
        "or more for each k.",
        "Between {low} (lowest mean) and {high} (highest) lie {points:.1f} points, with {n} seeds "
        "or more for each k.",
        min(one.runs for one in ordered),
        low=low,
        high=high,
        points=range_,
    )
    spread = 100 * fmean(spreads) if spreads else None
    if spread is None:
        verdict = tr("With one training each, nothing can be said of the spread between seeds.")
    elif range_ <= 2 * spread:
        verdict = tr(
            "That is no more than twice the spread between seeds of one k ({points:.1f} points).",
            points=spread,
        )
    else:
        verdict = tr(
            "That is more than twice the spread between seeds of one k ({points:.1f} points).",
            points=spread,
        )
    return f"{apart} {verdict}"
