"""Runs the hostile inputs of one kind in a process of its own and notes what became of each."""

import importlib
import os
import re
import resource
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import BinaryIO


@dataclass(frozen=True)
class Case:
    """One input: `run` gives its sentence, empty where it is accepted.

    `run` may also raise an EcaVizError with the sentence; anything else that it raises is a
    failure. `words` is a pattern that the sentence must have.
    """

    name: str
    run: Callable[[], str]
    words: str = ""


@dataclass(frozen=True)
class Outcome:
    """What became of a case; `problem` says why that is a failure, else it is empty."""

    name: str
    sentence: str
    problem: str
    seconds: float


@dataclass
class Result:
    """The outcomes of a kind, the largest memory of a process, and how its process ended."""

    outcomes: list[Outcome] = field(default_factory=list)
    megabytes: float = 0.0
    exit_code: int | None = None

    def failures(self) -> list[tuple[str, str]]:
        """The name of each case that got something else than a sentence, and what that was."""
        found = [(one.name, one.problem) for one in self.outcomes if one.problem]
        if self.exit_code:
            last = self.outcomes[-1].name if self.outcomes else "the start"
            found.append((f"what follows {last}", f"ended its process ({self.exit_code})"))
        return found


def measure(module: str, full: bool) -> Result:
    """Runs a kind in a new process.

    Args:
        module: The module with its `cases` and the characters that a sentence has at most, `MOST`.
        full: Whether there are to be many cases.
    """
    context, result = get_context("spawn"), Result()
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_run, args=(module, full, sender))
    process.start()
    sender.close()
    try:
        while True:
            found = receiver.recv()
            if isinstance(found, Outcome):
                result.outcomes.append(found)
            else:
                result.megabytes = found
    except EOFError:
        process.join()
    result.exit_code = process.exitcode
    return result


def _run(module: str, full: bool, results: Connection) -> None:
    kind = importlib.import_module(module)
    for case in kind.cases(full):
        results.send(_outcome(case, kind.MOST))
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    unit = 2**20 if sys.platform == "darwin" else 2**10
    results.send(max(one.ru_maxrss for one in used) / unit)


def _outcome(case: Case, most: int) -> Outcome:
    from eca_viz.errors import EcaVizError

    sentence = problem = ""
    with _listening() as file, warnings.catch_warnings():
        warnings.simplefilter("always")
        start = time.perf_counter()
        try:
            sentence = case.run()
        except EcaVizError as error:
            sentence = str(error)
        except Exception as error:
            problem = f"{type(error).__name__}: {error}"
        seconds = time.perf_counter() - start
    if said := _take(file):
        problem = f"{problem} printed: {said}".lstrip()
    elif not problem:
        problem = _problem(sentence, case.words, most)
    file.close()
    return Outcome(case.name, sentence, problem, seconds)


def _problem(sentence: str, words: str, most: int) -> str:
    if not sentence.isprintable():
        return f"not one line that can be shown: {sentence!r}"
    if len(sentence) >= most:
        return f"{len(sentence):,} characters: {sentence[:200]}"
    if not re.search(words, sentence):
        return f"another sentence: {sentence or 'accepted'}"
    return ""


@contextmanager
def _listening() -> Iterator[BinaryIO]:
    """Has all that is written to standard output and error go to a file, also by C libraries."""
    file = tempfile.TemporaryFile()  # noqa: SIM115
    kept = [os.dup(number) for number in (1, 2)]
    for number in (1, 2):
        os.dup2(file.fileno(), number)
    try:
        yield file
    finally:
        for number, before in zip((1, 2), kept, strict=True):
            (sys.stdout, sys.stderr)[number - 1].flush()
            os.dup2(before, number)
            os.close(before)


def _take(file: BinaryIO) -> str:
    file.seek(0)
    return file.read().decode(errors="backslashreplace").strip()
