"""The engine on this machine: worker processes decode images while the network runs here."""

import itertools
import multiprocessing
import signal
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch
from torch.utils.data import DataLoader, Dataset

from eca_viz.errors import DataError
from eca_viz.locale.texts import text
from eca_viz.networks.device import find_device
from eca_viz.networks.preprocess import Preprocess
from eca_viz.statistics.engine import (
    BATCH,
    Batch,
    Chunk,
    Engine,
    Result,
    Seen,
    Task,
    Worker,
    batch,
    read_batches,
    see,
)
from eca_viz.statistics.listing import Item

WORKERS = 2
ATTEMPTS = 3  # to read what is left, where a process that decodes is ended from outside


@dataclass(frozen=True)
class _Images(Dataset[Seen]):
    """The images by their place in the chunks that are wanted."""

    folder: Path
    preprocess: Preprocess
    numbered: Sequence[tuple[int, Item]]

    def __len__(self) -> int:
        return len(self.numbered)

    def __getitem__(self, place: int) -> Seen:
        return see(self.folder, *self.numbered[place], self.preprocess)


@dataclass(frozen=True)
class _Collate:
    preprocess: Preprocess

    def __call__(self, seen: Sequence[Seen]) -> Batch:
        return batch(seen, self.preprocess)


def local(workers: int | None = None) -> Engine:
    """The engine with so many processes that decode; with 0 this one does.

    By default WORKERS where processes are forked, else none: a process that is started anew runs
    a script again that has no `if __name__ == "__main__"`.
    """
    if workers is None:
        workers = WORKERS if multiprocessing.get_context().get_start_method() == "fork" else 0

    def run(task: Task, folder: Path, wanted: Sequence[Chunk]) -> Iterator[Result]:
        device = find_device(task.network.device)
        try:
            worker = task.open(device)
            if workers:
                yield from _in_processes(worker, task, folder, wanted, workers)
                return
            for chunk in wanted:
                yield worker.run(chunk.number, read_batches(task, folder, chunk))
        except torch.OutOfMemoryError as error:
            raise DataError(
                text(
                    "{network} ran out of memory on {device}; free memory there, or compute on the "
                    'CPU, by --device cpu or network.on("cpu"): a stopped run goes on there',
                    network=task.network.record.title,
                    device=device,
                )
            ) from error

    return run


def _in_processes(
    worker: Worker, task: Task, folder: Path, wanted: Sequence[Chunk], workers: int
) -> Iterator[Result]:
    left, attempts = deque(wanted), ATTEMPTS
    while attempts:
        attempts -= 1
        batches: Iterator[Batch] = iter(())
        try:
            batches = iter(_loader(task, folder, left, workers))
            while left:
                count = -(-len(left[0].items) // BATCH)
                result = worker.run(left[0].number, itertools.islice(batches, count))
                with _undisturbed():
                    left.popleft()
                    attempts = ATTEMPTS
                    yield result
            return
        except RuntimeError as error:
            if not str(error).startswith("DataLoader worker (pid"):  # else an error of its own
                raise
            del batches  # its other processes end before new ones begin
    raise DataError(
        text(
            "the processes that decode images were ended {n} times, mostly for want of memory; "
            "free some, the same command goes on where it stopped",
            n=ATTEMPTS,
        )
    )


def _loader(task: Task, folder: Path, wanted: Sequence[Chunk], workers: int) -> "DataLoader[Batch]":
    """All batches of the chunks, one after the other."""
    numbered: list[tuple[int, Item]] = []
    places: list[list[int]] = []
    for chunk in wanted:
        for start in range(0, len(chunk.items), BATCH):
            items = chunk.items[start : start + BATCH]
            places.append(list(range(len(numbered), len(numbered) + len(items))))
            numbered += enumerate(items, chunk.first + start)
    return DataLoader(
        _Images(folder, task.preprocess, numbered),  # type: ignore[arg-type]
        batch_sampler=places,
        collate_fn=_Collate(task.preprocess),
        num_workers=workers,
        worker_init_fn=_ignore_interrupts,
    )


@contextmanager
def _undisturbed() -> Iterator[None]:
    """What takes a result is not disturbed by the end of a process that decodes.

    PyTorch's handler raises an error at once, wherever the main thread is. It is asked afterwards:
    without its error one could wait for ever for the rest of what the process was sending.
    """
    in_main = threading.current_thread() is threading.main_thread()
    handler = signal.getsignal(signal.SIGCHLD) if hasattr(signal, "SIGCHLD") else None
    if not (in_main and callable(handler)):
        yield
        return
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGCHLD, handler)
    handler(signal.SIGCHLD, None)


def _ignore_interrupts(worker: int) -> None:
    """Ctrl-C ends the main process, which ends its workers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
