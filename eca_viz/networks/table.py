"""Every network with a name, from a shipped table: nothing is built or imported to list them."""

import json
import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from eca_viz.networks.bundled.ablation import TINY_NETWORKS
from eca_viz.networks.hubs.caches import hub_file, url_file
from eca_viz.networks.hubs.lookup import PREFIXES, TIMM
from eca_viz.paths import ASSETS, NETWORKS


@dataclass(frozen=True)
class Listed:
    """One row of the table, which `networks --write` measures.

    Attributes:
        name: What load_network is called with.
        title: Its name for people.
        classes: Number of classes in the weights of its authors.
        input: Side of its input in pixels.
        layers: Number of its attention layers.
        kinds: Names of their mechanisms, in the order in which they first occur.
        kernel_sizes: The kernel sizes of those that have one, each once, in ascending order.
        parameters: Number of its parameters.
        top1: Reported top-1 in [0, 1], None where there is none.
        licence: Licence of its weights.
        source: Where its weights are from.
        weights: What is shipped or downloaded: a path below the assets, a repository of the
            Hugging Face hub for timm's, an address for torchvision's; empty without weights.
    """

    name: str
    title: str
    classes: int
    input: int
    layers: int
    kinds: tuple[str, ...]
    kernel_sizes: tuple[int, ...]
    parameters: int
    top1: float | None
    licence: str
    source: str
    weights: str

    @property
    def megabytes(self) -> float:
        """Size of its weights in MB of 2^20 bytes, four bytes a parameter."""
        return self.parameters * 4 / 2**20

    @property
    def bundled(self) -> bool:
        """Whether its weights are shipped."""
        return not self.name.startswith(PREFIXES)

    def digest(self) -> str:
        """SHA-256 of its downloaded weights where the hub's cache names the file so, else empty."""
        path = hub_file(self.weights) if self.name.startswith(TIMM) else None
        name = "" if path is None else path.resolve().name
        return name if re.fullmatch("[0-9a-f]{64}", name) else ""

    def on_disk(self) -> bool:
        """Whether its weights need no download."""
        if not self.weights:
            return False
        if self.bundled:
            return (ASSETS / self.weights).exists()
        find = hub_file if self.name.startswith(TIMM) else url_file
        return find(self.weights) is not None


@cache
def read_table() -> tuple[Listed, ...]:
    """All rows: the bundled networks, timm's with ECA, torchvision's with SE."""
    entries: list[dict[str, Any]] = json.loads((ASSETS / NETWORKS).read_text(encoding="utf-8"))
    # A title that is made of values is a Text in the specification alone.
    titles = {spec.name: spec.title for spec in TINY_NETWORKS}
    return tuple(
        Listed(
            **{
                **{field: _hashable(value) for field, value in entry.items()},
                "title": titles.get(entry["name"], entry["title"]),
            }
        )
        for entry in entries
    )


def _hashable(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def names(prefix: str = "") -> list[str]:
    """The names in the table that begin with `prefix`."""
    return [row.name for row in read_table() if row.name.startswith(prefix)]
