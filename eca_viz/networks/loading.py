"""Networks with their weights: bundled, of a hub, or out of a file."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from eca_viz.errors import NetworkError
from eca_viz.locale.texts import text
from eca_viz.networks.assemble import assemble, check_attention, fill
from eca_viz.networks.files.renaming import renamed
from eca_viz.networks.files.trusted import read_weights
from eca_viz.networks.files.untrusted import SUFFIXES, Weights, open_weights
from eca_viz.networks.hubs.lookup import PREFIXES
from eca_viz.networks.identify import identify
from eca_viz.networks.pool import NetworkPool
from eca_viz.networks.registry import find_network, is_bundled
from eca_viz.networks.spec import Network, NetworkSpec
from eca_viz.progress import Progress, silent
from eca_viz.records import Explanation, NetworkRecord
from eca_viz.storage.scratch import scratch_folder

Labels = Sequence[str] | str | Path

_pool = NetworkPool()


def load_network(
    name: str | Path,
    *,
    weights: str | Path | None = None,
    labels: Labels | None = None,
    rename: str = "",
    progress: Progress = silent,
    on_evict: Callable[[Network], None] = lambda network: None,
) -> Network:
    """A network with its trained weights; loaded once, then shared.

    Bundled networks stay in memory, and of the others the two used last or as many as
    ECA_VIZ_NETWORKS_KEPT says.

    Args:
        name: Name of a bundled network, `timm:NAME` or `torchvision:NAME` (downloaded once,
            then out of the hub's cache), or the path of a checkpoint, whose architecture,
            kernel sizes and number of classes are read from its tensors.
        weights: A file to take in place of the download.
        labels: Names of the classes of a network that is not bundled: a sequence, or the path
            of a text file with one in each line.
        rename: For a checkpoint whose modules have other names: `eca_attn=eca` puts the second
            wherever the first is a part of a tensor's name; several with commas between them.
        progress: Called with what is downloaded and the share in [0, 1] that is there.
        on_evict: Called with a network that leaves memory to make room for this one.

    Returns:
        The network, in evaluation mode.

    Raises:
        NetworkError: With one sentence, for an unknown name, for weights that are missing,
            damaged or of another network, for labels that do not fit, without a connection.

    >>> network = eca_viz.load_network("eca_resnet18_imagenette")
    >>> eca_viz.load_network("eca_resnet81_imagenette")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    eca_viz.errors.NetworkError: no network is called 'eca_resnet81_imagenette'; give one of ...
    """
    known = str(name)
    if known.startswith(PREFIXES):
        known = find_network(known).name  # with its tag, so that one network has one name
    bundled = is_bundled(known)
    if bundled and (weights is not None or labels is not None):
        raise NetworkError(
            text(
                "{network} is bundled with its weights and labels; give the path of the other "
                "file as the network instead",
                network=known,
            )
        )
    if rename and (bundled or known.startswith(PREFIXES)):
        raise NetworkError(
            text(
                "got rename for {network}; only the tensors of a checkpoint are renamed",
                network=known,
            )
        )
    given = {"weights": weights, "labels": labels, "rename": rename or None}
    options = {key: str(value) for key, value in given.items() if isinstance(value, str | Path)}

    def load() -> Network:
        if bundled:
            return _load_bundled(find_network(known))
        return _load_other(known, weights, labels, options, progress)

    key = (*_state(known), *_state(weights), *_state(labels), rename)
    return _pool.get(key, load, pin=bundled, on_evict=on_evict)


def open_checkpoint(
    read: Callable[[], bytes | memoryview],
    sha256: str,
    name: str,
    labels: Sequence[str] | None = None,
    *,
    on_evict: Callable[[Network], None] = lambda network: None,
) -> Network:
    """The network of a checkpoint that is no file on this machine, such as an upload.

    Args:
        read: Gives its bytes, called only where the network is not in memory.
        sha256: Digest of the bytes.
        name: What the file was called where it came from.
        labels: Names of its classes.
        on_evict: Called with a network that leaves memory to make room for this one.

    Returns:
        The network, kept as load_network keeps those that are not bundled.

    Raises:
        NetworkError: As load_network.
    """

    def load() -> Network:
        with scratch_folder() as folder:
            path = folder / "checkpoint"
            path.write_bytes(read())
            return _from_file(open_weights(path, name), name, labels, {})

    key = (sha256, name, labels if labels is None else tuple(labels))
    return _pool.get(key, load, pin=False, on_evict=on_evict)


def _state(source: str | Path | Sequence[str] | None) -> tuple[Hashable, ...]:
    """A key for a source, which for a file changes when the file does."""
    if source is None:
        return (None,)
    if not isinstance(source, str | Path):
        return (tuple(source),)
    try:
        found = Path(str(source)).stat()
        return (str(source), found.st_mtime_ns, found.st_size)
    except (OSError, ValueError):  # said where it is read; ValueError for a NUL character
        return (str(source),)


def _load_bundled(spec: NetworkSpec) -> Network:
    path = _fetched(spec, silent)
    tensors, metadata = read_weights(path, spec.sha256)
    weights = Weights(path.name, spec.sha256, tensors, metadata)
    return fill(
        spec,
        weights,
        NetworkRecord(
            name=spec.name,
            title=spec.title,
            sha256=spec.sha256,
            labels=spec.labels(),
            source=spec.source,
            licence=spec.licence,
            options={},
        ),
    )


def _load_other(
    name: str,
    weights: str | Path | None,
    labels: Labels | None,
    options: dict[str, str],
    progress: Progress,
) -> Network:
    labels = Path(labels) if isinstance(labels, str) else labels
    if name.startswith(PREFIXES):
        spec = find_network(name)
        path = _fetched(spec, progress) if weights is None else Path(weights)
        return assemble(spec, open_weights(path), name=spec.name, labels=labels, options=options)
    if weights is not None:
        raise NetworkError(
            text(
                "got weights for {network}; they replace the download of timm:NAME or "
                "torchvision:NAME, any other checkpoint is given as the network itself",
                network=name,
            )
        )
    path = Path(name)
    if not (path.exists() or name.lower().endswith(SUFFIXES)):
        find_network(name)
    opened = open_weights(path)
    if rename := options.get("rename"):
        opened = replace(opened, tensors=renamed(opened.tensors, rename, opened.name))
    return _from_file(opened, name, labels, options)


def _fetched(spec: NetworkSpec, progress: Progress) -> Path:
    if spec.fetch is None:
        raise NetworkError(
            text(
                "timm has no trained weights for {network}; choose another network or give a file "
                "with weights",
                network=spec.name,
            )
        )
    if not is_bundled(spec.name):
        check_attention(spec.outline(), spec.title)
    return spec.fetch(progress)


def _from_file(
    weights: Weights, name: str, labels: Sequence[str] | Path | None, options: dict[str, str]
) -> Network:
    found = _own(weights) or identify(weights)
    return assemble(found, weights, name=name, labels=labels, options=options)


def _own(weights: Weights) -> NetworkSpec | None:
    """The architecture that our own training names in its file."""
    made = str(weights.metadata.get("network"))
    if not is_bundled(made):
        return None
    return replace(find_network(made), name="", title=made)


def load_again(explanation: Explanation, progress: Progress) -> Network:
    """The network of an explanation, by its name and options."""
    record = explanation.network
    load = partial(
        load_network, record.name, weights=record.options.get("weights"), progress=progress
    )
    network = load(labels=record.options.get("labels"))
    # Labels that were given as a sequence are not among the options.
    return network if network.record.labels == record.labels else load(labels=record.labels)
