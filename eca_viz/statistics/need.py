"""What attention is worth: accuracy over a folder with changed gates, and with fewer channels."""

import dataclasses
import hashlib
from pathlib import Path

import pandas as pd
from scipy.stats import binomtest

from eca_viz.errors import DataError, NetworkError
from eca_viz.gates.reference import reference_gates
from eca_viz.locale.texts import text
from eca_viz.networks.spec import Network
from eca_viz.progress import Progress, silent
from eca_viz.records import ReferenceGates, as_floats
from eca_viz.records.need import ConditionResult, FolderAccuracy
from eca_viz.records.statistics import FolderStatistics
from eca_viz.statistics import files
from eca_viz.statistics.accuracy import LOG, RIGHT, AccuracyTask
from eca_viz.statistics.accuracy_files import write_accuracy
from eca_viz.statistics.conditions import Condition, need_conditions, pruning_conditions
from eca_viz.statistics.engine import Engine
from eca_viz.statistics.gates import PROBLEM
from eca_viz.statistics.local import local
from eca_viz.statistics.run import destination, finish, key_of, list_labelled, required_attention
from eca_viz.version import versions


def attention_need(
    folder: str | Path,
    network: Network,
    statistics: FolderStatistics | None = None,
    *,
    table: str | Path | None = None,
    out: str | Path | None = None,
    engine: Engine | None = None,
    progress: Progress = silent,
) -> FolderAccuracy:
    """Accuracy over labelled images with the gates as they are, and without parts of them.

    Args:
        folder: As in `folder_statistics`; labels are classes of the network.
        network: A loaded network with attention.
        statistics: Of this network, which give each channel's mean gate; without them those of
            `reference_gates`, for a network that is not bundled over the eight samples only.
        table: As in `folder_statistics`.
        out: The Parquet file that is written; a stopped run goes on there.
        engine: As in `folder_statistics`.
        progress: As in `folder_statistics`.

    Returns:
        The accuracies, unchanged first.

    Raises:
        DataError: As `folder_statistics`, and where no image has a label that the network knows.
        NetworkError: The network has no attention layers, or gives no classes.

    >>> accuracy = eca_viz.attention_need(folder, eca_viz.load_network("resnet_tiny_eca"))
    >>> [(one.kind, one.where) for one in accuracy.conditions][:2]
    [('unchanged', 'all'), ('reference', 'all')]
    """
    required_attention(network)
    means = reference_gates(network)
    if statistics is not None:
        _check_same(statistics, network)
        gates = {one.layer: as_floats(one.total.mean) for one in statistics.layers}
        source = text("the {n:,} images of {folder}", n=statistics.images, folder=statistics.folder)
        means = ReferenceGates(source, statistics.images, gates)
    # Reference gates that were computed have shown how each layer is read.
    task = AccuracyTask(network, {}, need_conditions(network), means.gates)
    return _accuracy("need", task, means.source, folder, table, out, engine, progress)


def pruning(
    folder: str | Path,
    network: Network,
    statistics: FolderStatistics,
    *,
    table: str | Path | None = None,
    out: str | Path | None = None,
    engine: Engine | None = None,
    progress: Progress = silent,
) -> FolderAccuracy:
    """Accuracy over labelled images while a share of each layer's channels is zero.

    Args:
        folder: As in `attention_need`.
        network: As in `attention_need`.
        statistics: Of this network with effects, over these images or others: which channels are
            weakest.
        table: As in `folder_statistics`.
        out: As in `attention_need`.
        engine: As in `folder_statistics`.
        progress: As in `folder_statistics`.

    Returns:
        The accuracies, unchanged first.

    Raises:
        DataError: As `attention_need`, and for statistics without effects or of another network.
        NetworkError: As `attention_need`.

    >>> tiny = eca_viz.load_network("resnet_tiny_eca")
    >>> statistics = eca_viz.folder_statistics(folder, tiny, effects=True)
    >>> eca_viz.pruning(folder, tiny, statistics).unchanged.images
    4
    """
    required_attention(network)
    _check_same(statistics, network)
    task = AccuracyTask(network, {}, pruning_conditions(statistics), {})
    return _accuracy("prune", task, "", folder, table, out, engine, progress)


def _check_same(statistics: FolderStatistics, network: Network) -> None:
    """Raises DataError for statistics of other weights."""
    if statistics.network.sha256 != network.record.sha256:
        raise DataError(
            text(
                "got statistics of {given} with other weights; compute those of {network}",
                given=statistics.network.title,
                network=network.record.title,
            )
        )


def _stages(network: Network) -> tuple[str, ...]:
    return tuple(dict.fromkeys(layer.stage for layer in network.layers))


def _accuracy(
    what: str,
    task: AccuracyTask,
    reference: str,
    folder: str | Path,
    table: str | Path | None,
    out: str | Path | None,
    engine: Engine | None,
    progress: Progress,
) -> FolderAccuracy:
    record = task.network.record
    if record.output != "classes":
        raise NetworkError(
            text(
                "{network} gives no classes, so there is no accuracy; give a network that does",
                network=record.title,
            )
        )
    listing = list_labelled(folder, table, task.network)
    names = {item.label for item in listing.items if item.label}
    known = {label: index for index, label in enumerate(record.labels)}
    classes = {name: known[name] for name in names if name in known}
    if not classes:
        raise DataError(
            text(
                "none of the labels in {folder} ({labels}) is one of the classes of {network}; "
                "name folders after its labels, or give a table with them",
                folder=str(folder),
                labels=", ".join(sorted(names)[:5]) or text("there are none"),
                network=record.title,
            )
        )
    task = dataclasses.replace(task, classes=classes)
    key = key_of(what, task.network, listing, conditions=_digest(task))
    with destination(out) as path:
        kept = finish(task, listing, path, key, engine or local(), progress)
        files.write_images(kept.rows(), files.images_file(path))
        rows = pd.read_parquet(files.images_file(path))
        used = rows[rows[PROBLEM] == ""]
        found = FolderAccuracy(
            network=record,
            folder=str(folder),
            stages=_stages(task.network),
            conditions=tuple(_result(one, used, task.conditions[0]) for one in task.conditions),
            skipped=len(rows) - len(used),
            versions=dict(versions()),
            reference=reference,
        )
        write_accuracy(found, path)
        kept.remove()
    return found


def _digest(task: AccuracyTask) -> str:
    """Changes with what is done to the gates."""
    digest = hashlib.sha256(repr([one.name for one in task.conditions]).encode())
    for one in task.conditions:
        for factors in one.factors.values():
            digest.update(factors.tobytes())
    for gates in task.reference.values():
        digest.update(gates.tobytes())
    return digest.hexdigest()


def _result(condition: Condition, rows: pd.DataFrame, unchanged: Condition) -> ConditionResult:
    right = rows[RIGHT + condition.name].to_numpy(bool)
    before = rows[RIGHT + unchanged.name].to_numpy(bool)
    lost, won = int((before & ~right).sum()), int((right & ~before).sum())
    interval = binomtest(int(right.sum()), len(right)).proportion_ci(method="wilson")
    return ConditionResult(
        kind=condition.kind,
        where=condition.where,
        share=condition.share,
        images=len(right),
        right=int(right.sum()),
        low=float(interval.low),
        high=float(interval.high),
        log_probability=float(rows[LOG + condition.name].mean()),
        lost=lost,
        won=won,
        p_value=float(binomtest(lost, lost + won).pvalue) if lost + won else 1.0,
    )
