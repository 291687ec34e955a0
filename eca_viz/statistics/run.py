"""A task over the images of a folder, whatever engine runs it, and what comes of it."""

import hashlib
import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd

from eca_viz.errors import DataError, NetworkError
from eca_viz.gates.forward import inspect_layers
from eca_viz.locale.texts import text
from eca_viz.networks.labels import class_indices
from eca_viz.networks.loading import load_network
from eca_viz.networks.predictions import no_saliency
from eca_viz.networks.registry import DEFAULT_NETWORK
from eca_viz.networks.spec import Network
from eca_viz.progress import Progress, silent
from eca_viz.records.statistics import FolderStatistics
from eca_viz.statistics import files
from eca_viz.statistics.engine import CHUNK, Chunk, Engine, Task, chunks
from eca_viz.statistics.gates import PREDICTION, PROBLEM, SHA256, GateTask
from eca_viz.statistics.kept import Kept
from eca_viz.statistics.listing import LABEL, PATH, Item, Listing, list_images
from eca_viz.statistics.local import local
from eca_viz.storage.scratch import scratch_folder
from eca_viz.version import versions


def folder_statistics(
    folder: str | Path,
    network: str | Path | Network = DEFAULT_NETWORK,
    *,
    table: str | Path | None = None,
    out: str | Path | None = None,
    effects: bool = False,
    engine: Engine | None = None,
    progress: Progress = silent,
) -> FolderStatistics:
    """Statistics of a network's gates over the images of a folder, per layer, channel and class.

    Args:
        folder: With one folder for each class, or flat.
        network: As in `explain`.
        table: A CSV file with the columns path and label that names the images.
        out: The Parquet file that is written, with a table of the images beside it. A run that is
            stopped goes on there when it is called again.
        effects: Whether to compute gate × gradient of the predicted class's logit too, or of the
            score of a network without classes, which takes about three times as long.
        engine: What runs it; this machine by default.
        progress: Called with what is done, and the share in [0, 1] of it.

    Returns:
        The statistics. Images that cannot be read are skipped, and counted in `skipped`.

    Raises:
        DataError: There is no image, or `out` was begun with other settings.
        NetworkError: The network cannot be loaded, or has no attention layers.

    >>> statistics = eca_viz.folder_statistics(folder, "resnet_tiny_eca")
    >>> statistics.layer("layer4.0.attention").classes["church"].mean.shape
    (128,)
    """
    loaded = network if isinstance(network, Network) else load_network(network)
    required_attention(loaded)
    if effects and loaded.record.output == "other":
        raise NetworkError(text("got effects to compute, but {why}", why=no_saliency(loaded)))
    listing = list_labelled(folder, table, loaded)
    task = GateTask(loaded, any(item.label for item in listing.items), effects)
    with destination(out) as path:
        key = key_of("statistics", loaded, listing, effects=effects)
        kept = finish(task, listing, path, key, engine or local(), progress)
        files.write_images(kept.rows(), files.images_file(path))
        rows = pd.read_parquet(files.images_file(path))
        statistics = _result(task, listing, kept, rows)
        files.write(statistics, path)
        kept.remove()
    return statistics


def list_labelled(folder: str | Path, table: str | Path | None, network: Network) -> Listing:
    """The images of a folder; labels that mean a class of the network are its names.

    Args:
        folder: As in `list_images`.
        table: As in `list_images`.
        network: What knows the classes.

    Returns:
        The listing.

    Raises:
        DataError: As `list_images`.
    """
    listing = list_images(Path(folder), None if table is None else Path(table))
    labels = network.record.labels
    indices = class_indices({item.label for item in listing.items if item.label}, labels)
    return Listing(
        listing.folder,
        tuple(
            Item(item.path, labels[indices[item.label]]) if item.label in indices else item
            for item in listing.items
        ),
    )


def required_attention(network: Network) -> None:
    """Raises NetworkError for a network without attention layers, or one that takes tensors."""
    if network.example:
        raise NetworkError(
            text(
                "{network} takes tensors, and statistics are those of images; give a network that "
                "takes images",
                network=network.record.title,
            )
        )
    if not network.layers:
        raise NetworkError(
            text(
                "{network} has no attention layers; give a network with ECA or SE layers",
                network=network.record.title,
            )
        )


@contextmanager
def destination(out: str | Path | None) -> Iterator[Path]:
    """Where a result is written, its folder made; somewhere for the time being without `out`."""
    if out is not None:
        if Path(out).is_dir():
            raise DataError(text("{out} is a folder; give the name of a file", out=str(out)))
        Path(out).parent.mkdir(parents=True, exist_ok=True)
        yield Path(out)
        return
    with scratch_folder() as folder:
        yield folder / "statistics.parquet"


def key_of(task: str, network: Network, listing: Listing, **more: Any) -> str:
    """What must be the same for a stopped run to go on, as JSON.

    Args:
        task: What is computed, in a word.
        network: The network.
        listing: The images.
        more: Whatever else the numbers depend on.

    Returns:
        A JSON object.
    """
    seen = repr((network.record.labels, network.spec.preprocess))
    return json.dumps(
        {
            "task": task,
            "network": network.record.sha256,
            "classes": hashlib.sha256(seen.encode()).hexdigest(),
            "images": listing.digest(),
            "chunk": CHUNK,
            **more,
            "versions": dict(versions()),
        }
    )


def finish(
    task: Task, listing: Listing, out: Path, key: str, engine: Engine, progress: Progress
) -> Kept:
    """Runs the chunks that are not finished yet.

    Args:
        task: What is computed.
        listing: The images.
        out: The file beside which finished chunks are kept.
        key: What must be the same for a stopped run to go on.
        engine: What runs the chunks.
        progress: As in `folder_statistics`.

    Returns:
        All chunks, finished.
    """
    wanted = chunks(listing.items)
    kept = Kept(out, key)
    left = kept.left(wanted)
    clock = _Clock(len(listing.items), left, progress)
    try:
        for result in engine(task, listing.folder, left) if left else ():
            kept.add(result)
            clock.finished(result.number)
    finally:
        kept.flush()
    problems = (pd.read_parquet(path, columns=[PROBLEM])[PROBLEM] for path in kept.rows())
    if all(found.astype(bool).all() for found in problems):
        first = pd.read_parquet(kept.rows()[0])[PROBLEM].iloc[0]
        kept.remove()
        raise DataError(
            text(
                "none of the {n} images can be used; the first: {problem}",
                n=len(listing.items),
                problem=first,
            )
        )
    return kept


class _Clock:
    """Reports images done, images a second and the time left."""

    def __init__(self, total: int, left: Sequence[Chunk], progress: Progress) -> None:
        self._total, self._progress = total, progress
        self._sizes = {chunk.number: len(chunk.items) for chunk in left}
        self._done = self._before = total - sum(self._sizes.values())
        self._start = time.perf_counter()
        what = text("{done:,} of {total:,} images", done=self._done, total=total)
        progress(what, self._done / total)

    def finished(self, number: int) -> None:
        """A chunk is done."""
        self._done += self._sizes[number]
        rate = (self._done - self._before) / (time.perf_counter() - self._start)
        left = (self._total - self._done) / rate
        self._progress(
            text(
                "{done:,} of {total:,} images, {rate:.1f} images/s, {left:.0f} s left",
                done=self._done,
                total=self._total,
                rate=rate,
                left=left,
            ),
            self._done / self._total,
        )


def _result(task: GateTask, listing: Listing, kept: Kept, rows: pd.DataFrame) -> FolderStatistics:
    used = rows[rows[PROBLEM] == ""]
    judged = used[used[LABEL].isin(task.network.record.labels)]
    right = judged[LABEL] == judged[PREDICTION]
    # A list, since a look into a table takes long and each image is ranked many times.
    names = list(zip(rows[PATH], rows[SHA256], strict=True))

    return FolderStatistics(
        network=task.network.record,
        folder=str(listing.folder),
        grouped_by="label" if task.by_label else "prediction",
        layers=kept.part.result(inspect_layers(task.network), names.__getitem__),
        images=len(used),
        skipped=len(rows) - len(used),
        labelled=len(judged),
        accuracy=float(right.mean()) if len(judged) else None,
        versions=dict(versions()),
    )


def skipped(out: Path) -> list[tuple[str, str]]:
    """The images that a run skipped, each with the reason, from the table that it wrote."""
    rows = pd.read_parquet(files.images_file(out), columns=[PATH, PROBLEM])
    bad = rows[rows[PROBLEM] != ""]
    return list(zip(bad[PATH], bad[PROBLEM], strict=True))
