"""Networks by name: bundled, of timm, of torchvision, or out of a file."""

import tempfile
from collections.abc import Callable, Hashable, Sequence
from pathlib import Path

from eca_viz.errors import NetworkError
from eca_viz.networks.assemble import assemble, check_attention
from eca_viz.networks.files.trusted import read_weights
from eca_viz.networks.files.untrusted import SUFFIXES, Weights, open_weights
from eca_viz.networks.hubs.lookup import PREFIXES
from eca_viz.networks.identify import identify
from eca_viz.networks.pool import NetworkPool
from eca_viz.networks.registry import NETWORKS, blueprint, find_network
from eca_viz.networks.spec import Blueprint, Network
from eca_viz.networks.state import load_weights, prepare
from eca_viz.progress import Progress, silent

Labels = Sequence[str] | str | Path

_pool = NetworkPool()


def load_network(
    name: str | Path,
    *,
    weights: str | Path | None = None,
    labels: Labels | None = None,
    progress: Progress = silent,
    on_evict: Callable[[Network], None] = lambda network: None,
) -> Network:
    """A network with its trained weights; loaded once, then shared.

    `name` is that of a bundled network, `timm:NAME` or `torchvision:NAME` (downloaded once,
    then out of the hub's cache), or the path of a checkpoint, whose architecture, kernel
    sizes and number of classes are read from its tensors. `weights` is a file to take in
    place of the download. `labels` names the classes of a network that is not bundled: a
    sequence, or the path of a text file with one in each line. `progress` hears what is
    downloaded and how much of it is there.

    Bundled networks stay in memory, and of the others the two used last or as many as
    ECA_VIZ_NETWORKS_KEPT says; `on_evict` is told which one leaves.

    Raises NetworkError with one sentence for an unknown name, for weights that are missing,
    damaged or of another network, for labels that do not fit, and without a connection.
    """
    text = str(name)
    if text.startswith(PREFIXES):
        text = blueprint(text).name  # with its tag, so that one network has one name
    bundled = any(spec.name == text for spec in NETWORKS)
    if bundled and (weights is not None or labels is not None):
        raise NetworkError(
            f"{text} is bundled with its weights and labels; give the path of the other file as "
            "the network instead"
        )
    given = {"weights": weights, "labels": labels}
    options = {key: str(value) for key, value in given.items() if isinstance(value, str | Path)}

    def load() -> Network:
        return (
            _load_bundled(text)
            if bundled
            else _load_other(text, weights, labels, options, progress)
        )

    key = (*_state(text), *_state(weights), *_state(labels))
    return _pool.get(key, load, pin=bundled, on_evict=on_evict)


def open_checkpoint(
    read: Callable[[], bytes | memoryview],
    sha256: str,
    name: str,
    labels: Sequence[str] | None = None,
    *,
    on_evict: Callable[[Network], None] = lambda network: None,
) -> Network:
    """The network of a checkpoint that is no file here; `read` gives its bytes where needed.

    `sha256` is that of the bytes, `name` what it was called where it came from. The network
    is kept as load_network keeps those that are not bundled; errors are the same.
    """

    def load() -> Network:
        with tempfile.TemporaryDirectory(prefix="eca_viz-") as folder:
            path = Path(folder) / "checkpoint"
            path.write_bytes(read())
            return _from_file(open_weights(path, name), name, labels, {})

    key = (sha256, name, labels if labels is None else tuple(labels))
    return _pool.get(key, load, pin=False, on_evict=on_evict)


def _state(source: str | Path | Sequence[str] | None) -> tuple[Hashable, ...]:
    """What tells one source from another, also a file from what it was before it changed."""
    if source is None:
        return (None,)
    if not isinstance(source, str | Path):
        return (tuple(source),)
    try:
        found = Path(str(source)).stat()
        return (str(source), found.st_mtime_ns, found.st_size)
    except OSError:
        return (str(source),)


def _load_bundled(name: str) -> Network:
    spec = find_network(name)
    tensors, metadata = read_weights(spec.checkpoint, spec.sha256)
    module = spec.build()
    load_weights(module, tensors, spec.title)
    return Network(spec, prepare(module), spec.sha256, metadata)


def _load_other(
    name: str,
    weights: str | Path | None,
    labels: Labels | None,
    options: dict[str, str],
    progress: Progress,
) -> Network:
    labels = Path(labels) if isinstance(labels, str) else labels
    if not name.startswith(PREFIXES):
        if weights is not None:
            raise NetworkError(
                f"got weights for {name}; they replace the download of timm:NAME or "
                "torchvision:NAME, any other checkpoint is given as the network itself"
            )
        path = Path(name)
        if not (path.exists() or name.lower().endswith(SUFFIXES)):
            find_network(name)
        return _from_file(open_weights(path), name, labels, options)
    found = blueprint(name)
    if weights is not None:
        path = Path(weights)
    elif found.fetch is not None:
        check_attention(found.outline(), found.title)
        path = found.fetch(progress)
    else:
        raise NetworkError(
            f"timm has no trained weights for {name}; choose another network or give a file with "
            "weights"
        )
    return assemble(found, open_weights(path), name=found.name, labels=labels, options=options)


def _from_file(
    weights: Weights, name: str, labels: Sequence[str] | Path | None, options: dict[str, str]
) -> Network:
    found = _own(weights) or identify(weights)
    return assemble(found, weights, name=name, labels=labels, options=options)


def _own(weights: Weights) -> Blueprint | None:
    """Our own training says in its file which network it made, and with it how it sees."""
    made = weights.metadata.get("network")
    spec = next((spec for spec in NETWORKS if spec.name == made), None)
    if spec is None:
        return None
    return Blueprint(
        name="",
        title=spec.name,
        build=lambda classes: spec.build(),
        head="",
        preprocess=spec.preprocess,
        gradcam_layer=spec.gradcam_layer,
        source=spec.source,
        licence=spec.licence,
        classes=spec.classes,
        labels=lambda: spec.labels,
    )
