"""Networks by name, before anything is loaded."""

from pathlib import Path

from eca_viz.errors import NetworkError
from eca_viz.locale.texts import text
from eca_viz.lookup import by_name
from eca_viz.networks.bundled.ablation import TINY_NETWORKS
from eca_viz.networks.bundled.eca_resnet18 import ECA_RESNET18_IMAGENETTE
from eca_viz.networks.hubs.caches import offline
from eca_viz.networks.hubs.lookup import PREFIXES, TIMM, hub_of
from eca_viz.networks.spec import NetworkSpec
from eca_viz.networks.table import Listed, read_table
from eca_viz.progress import Progress
from eca_viz.version import require

NETWORKS: tuple[NetworkSpec, ...] = (ECA_RESNET18_IMAGENETTE, *TINY_NETWORKS)
DEFAULT_NETWORK = ECA_RESNET18_IMAGENETTE.name
# What is downloaded where no name is given. Of timm's ECA networks it is the smallest with ReLUs,
# which every saliency method supports, and whose channels were not pruned, so that k is Eq. 12's
# (61 MB; timm reports 79.9 % top-1 at 320 px).
IMAGENET_NETWORK = "timm:ecaresnet26t.ra2_in1k"


def find_network(name: str) -> NetworkSpec:
    """The network called `name`: a bundled one, `timm:NAME` or `torchvision:NAME`.

    Nothing is downloaded. Raises NetworkError for an unknown name, with the valid names or
    those nearest to it.
    """
    if name.startswith(PREFIXES):
        found: NetworkSpec = hub_of(name).find_network(name)
        return found
    sentence = text(
        "no network is called {name!r}; give one of {names}, timm:NAME, torchvision:NAME or the "
        "path of a checkpoint (python -m eca_viz networks lists the names)"
    )
    return by_name(NETWORKS, name, NetworkError, sentence)


def is_bundled(name: str) -> bool:
    """Whether the weights of the network called `name` are shipped."""
    return any(spec.name == name for spec in NETWORKS)


def find_listed(name: str) -> Listed:
    """The row of the table for a network that can be downloaded.

    Raises NetworkError for any other name.
    """
    rows = [row for row in read_table() if row.weights and not row.bundled]
    sentence = text(
        "{name!r} is no network to download; give a name that python -m eca_viz networks lists, "
        "such as {example}"
    )
    return by_name(rows, name, NetworkError, sentence, example=IMAGENET_NETWORK)


def fetch(row: Listed, progress: Progress) -> Path:
    """The weights of a network of `find_listed`, downloaded unless they are on this machine.

    Raises NetworkError where the download fails, MissingPackageError where the extra `hub` is
    not installed.
    """
    require("huggingface_hub", "hub")
    from eca_viz.networks.hubs.download import fetch_from_hub, fetch_url

    download = fetch_from_hub if row.name.startswith(TIMM) else fetch_url
    return download(row.weights, row.title, progress)


def cached_imagenet() -> str | None:
    """An ECA network of timm whose weights are on this machine: IMAGENET_NETWORK before others."""
    rows = [row for row in read_table() if row.name.startswith(TIMM) and "eca" in row.kinds]
    rows.sort(key=lambda row: row.name != IMAGENET_NETWORK)
    return next((row.name for row in rows if row.on_disk()), None)


def downloadable() -> list[str]:
    """Names of the networks that are not bundled but have trained weights to download.

    Where downloads are turned off, of those whose weights are on this machine.
    """
    rows = [row for row in read_table() if row.weights and not row.bundled]
    return [row.name for row in rows if not offline() or row.on_disk()]
