"""A measurement beside its baseline, and how both are timed."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

RUNS = 11


@dataclass(frozen=True)
class Ratio:
    """A measurement and its baseline in the same `unit`.

    `limit` is the largest ratio that the project allows; None where it only reports.
    """

    what: str
    measured: float
    baseline: float
    unit: str
    limit: float | None

    @property
    def digits(self) -> int:
        """Decimals that show three significant digits of a short time."""
        return 1 if self.baseline >= 10 else 3

    @property
    def ratio(self) -> float:
        """Measured over baseline."""
        return self.measured / self.baseline

    @property
    def within(self) -> bool | None:
        """Whether the ratio is within the limit, None without one."""
        return None if self.limit is None else self.ratio <= self.limit

    def __str__(self) -> str:
        verdict = {None: "", True: f" (within {self.limit})", False: f" (OVER {self.limit})"}
        return (
            f"{self.ratio:6.3f}{verdict[self.within]}  {self.what}: "
            f"{self.measured:.{self.digits}f} {self.unit} against "
            f"{self.baseline:.{self.digits}f} {self.unit}"
        )


def medians(
    ours: Callable[[], object], baseline: Callable[[], object], runs: int = RUNS
) -> tuple[float, float]:
    """Median milliseconds of both after two warm-up runs.

    Args:
        ours: What is measured.
        baseline: What it is compared with; run in alternation, so that drift affects both.
        runs: Runs of each that count.

    Returns:
        The medians of `ours` and `baseline`.
    """
    times: tuple[list[float], list[float]] = ([], [])
    for number in range(runs + 2):
        for run, taken in zip((ours, baseline), times, strict=True):
            start = time.perf_counter()
            run()
            if number >= 2:
                taken.append((time.perf_counter() - start) * 1000)
    return statistics.median(times[0]), statistics.median(times[1])
