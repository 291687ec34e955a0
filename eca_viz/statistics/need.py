"""What attention is worth: accuracy over a folder with changed gates, and with fewer channels."""

import dataclasses
from pathlib import Path

import pandas as pd
from scipy.stats import binomtest

from eca_viz.errors import DataError
from eca_viz.gates.reference import reference_gates
from eca_viz.networks.spec import Network
from eca_viz.progress import Progress, silent
from eca_viz.records.need import ConditionResult, FolderAccuracy
from eca_viz.records.statistics import FolderStatistics
from eca_viz.statistics import files
from eca_viz.statistics.accuracy import LOG, RIGHT, AccuracyTask
from eca_viz.statistics.accuracy_files import write_accuracy
from eca_viz.statistics.conditions import Condition, need_conditions, pruning_conditions
from eca_viz.statistics.engine import Engine
from eca_viz.statistics.gates import PROBLEM
from eca_viz.statistics.local import local
from eca_viz.statistics.run import finish, key_of, list_labelled, required_attention
from eca_viz.version import versions


def attention_need(
    folder: str | Path,
    network: Network,
    *,
    table: str | Path | None = None,
    out: str | Path,
    engine: Engine | None = None,
    progress: Progress = silent,
) -> FolderAccuracy:
    """Accuracy over labelled images with the gates as they are, and without parts of them.

    Args:
        folder: As in `folder_statistics`; labels are classes of the network.
        network: A loaded network with attention.
        table: As in `folder_statistics`.
        out: The Parquet file that is written; a stopped run goes on there.
        engine: As in `folder_statistics`.
        progress: As in `folder_statistics`.

    Returns:
        The accuracies, unchanged first.

    Raises:
        DataError: As `folder_statistics`, and where no image has a label that the network knows.
        NetworkError: The network has no attention layers.
    """
    required_attention(network)
    conditions = need_conditions(_stages(network))
    task = AccuracyTask(network, {}, conditions, reference_gates(network).gates)
    return _accuracy(task, folder, table, Path(out), engine, progress)


def pruning(
    folder: str | Path,
    network: Network,
    statistics: FolderStatistics,
    *,
    table: str | Path | None = None,
    out: str | Path,
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
    """
    required_attention(network)
    if statistics.network.sha256 != network.record.sha256:
        raise DataError(
            f"got statistics of {statistics.network.title} with other weights; compute those of "
            f"{network.record.title}"
        )
    task = AccuracyTask(network, {}, pruning_conditions(statistics), {})
    return _accuracy(task, folder, table, Path(out), engine, progress)


def _stages(network: Network) -> tuple[str, ...]:
    return tuple(dict.fromkeys(layer.stage for layer in network.layers))


def _accuracy(
    task: AccuracyTask,
    folder: str | Path,
    table: str | Path | None,
    out: Path,
    engine: Engine | None,
    progress: Progress,
) -> FolderAccuracy:
    record = task.network.record
    listing = list_labelled(folder, table, task.network)
    names = {item.label for item in listing.items if item.label}
    known = {label: index for index, label in enumerate(record.labels)}
    classes = {name: known[name] for name in names if name in known}
    if not classes:
        raise DataError(
            f"none of the labels in {folder} ({', '.join(sorted(names)[:5]) or 'there are none'}) "
            f"is one of the classes of {record.title}; name folders after its labels, or give a "
            "table with them"
        )
    task = dataclasses.replace(task, classes=classes)
    out.parent.mkdir(parents=True, exist_ok=True)
    digests = {
        one.name: [array.tolist() for array in one.factors.values()] for one in task.conditions
    }
    key = key_of(record.sha256, listing, conditions=digests)
    kept = finish(task, listing, out, key, engine or local(), progress)
    files.write_images(kept.rows(), files.images_file(out))
    rows = pd.read_parquet(files.images_file(out))
    used = rows[rows[PROBLEM] == ""]
    if used.empty:
        raise DataError(f"none of the {len(rows)} images can be used; {rows[PROBLEM].iloc[0]}")
    found = FolderAccuracy(
        network=record,
        folder=str(folder),
        stages=_stages(task.network),
        conditions=tuple(_result(one, used, task.conditions[0]) for one in task.conditions),
        skipped=len(rows) - len(used),
        versions=dict(versions()),
    )
    write_accuracy(found, out)
    kept.remove()
    return found


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
