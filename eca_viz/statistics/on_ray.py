"""The engine on a Ray cluster: actors that each load the network once and take chunks."""

import logging
import os
import pickle
import socket
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from eca_viz.errors import DataError
from eca_viz.locale.texts import text
from eca_viz.statistics.engine import Chunk, Engine, Result, Task, read_batches
from eca_viz.version import require

ACTORS = 2
KNOCK_SECONDS = 4.0
_RESULT = "result"


class _Actor:
    """One process on some machine of the cluster.

    Args:
        reference: A list with the reference to the task, the folder and the chunks.
        device: Where the network runs.
    """

    def __init__(self, reference: list[Any], device: str) -> None:
        import ray

        self.task, self.folder, self.chunks = ray.get(reference[0])
        self.worker = self.task.open(device)

    def __call__(self, batch: dict[str, Any]) -> dict[str, list[bytes]]:
        """The results of some chunks; images that cannot be read are rows, no errors."""
        done = []
        for number in batch["item"]:
            chunk = self.chunks[int(number)]
            batches = read_batches(self.task, self.folder, chunk)
            done.append(pickle.dumps(self.worker.run(chunk.number, batches)))
        return {_RESULT: done}


def on_ray(address: str | None = None, actors: int = ACTORS, gpus_per_actor: float = 0.0) -> Engine:
    """The engine on Ray.

    A chunk whose actor dies is worked on again by another. The folder must lie at the same path
    on every machine.

    Args:
        address: Of a running cluster, as in ray.init; None starts Ray on this machine.
        actors: Processes that run the network, each on one processor core.
        gpus_per_actor: The share of a GPU that each gets; it runs there where it is above 0.

    Returns:
        The engine. It raises MissingPackageError where Ray is not installed, and DataError where
        it cannot be reached.
    """

    def run(task: Task, folder: Path, wanted: Sequence[Chunk]) -> Iterator[Result]:
        ray = _started(address)
        given = {chunk.number: chunk for chunk in wanted}
        reference = [ray.put((task, folder.absolute(), given))]
        context = ray.data.DataContext.get_current()
        context.enable_progress_bars = False
        context.print_on_execution_start = False
        chunks = ray.data.from_items(list(given), override_num_blocks=len(given))
        results = chunks.map_batches(
            _Actor,
            fn_constructor_args=(reference, "cuda" if gpus_per_actor else "cpu"),
            batch_size=1,
            compute=ray.data.ActorPoolStrategy(size=min(actors, len(given))),
            num_gpus=gpus_per_actor or None,
        )
        for row in results.iter_rows():
            yield pickle.loads(row[_RESULT])  # from our own actor

    return run


def _started(address: str | None) -> Any:
    """Ray, connected; usage statistics are not sent unless the environment asks for them."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    # Its core warns of its own way to start actors again; what fails raises an exception anyway.
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")
    require("ray", "scale")
    import ray
    import ray.data

    if not ray.is_initialized():
        try:
            _knock(address)
            ray.init(
                address=address,
                include_dashboard=False if address is None else None,
                log_to_driver=False,
                logging_level=logging.ERROR,
            )
        except (OSError, ValueError, RuntimeError) as error:
            if address is None:
                raise DataError(
                    text("Ray cannot be started on this machine: {error}", error=str(error))
                ) from error
            raise DataError(
                text(
                    "no Ray cluster answers at {address} ({error}); start one with ray start "
                    "--head, or leave --address out",
                    address=address,
                    error=str(error),
                )
            ) from error
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    return ray


def _knock(address: str | None) -> None:
    """Raises OSError where nothing answers at host:port, which Ray would wait minutes for."""
    host, _, port = (address or "").removeprefix("ray://").rpartition(":")
    if host and port.isdecimal():
        socket.create_connection((host, int(port)), KNOCK_SECONDS).close()
