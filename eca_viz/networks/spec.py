"""What is known of a network before it is loaded, and a loaded one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from torch import nn

from eca_viz.errors import SaliencyError
from eca_viz.networks.preprocess import Preprocess
from eca_viz.networks.shapes_only import ShapesOnly
from eca_viz.progress import Progress
from eca_viz.records import NetworkRecord


@dataclass(frozen=True, kw_only=True)
class NetworkInfo:
    """What is known of a network that is loaded.

    `name` and `options` are what load_network was called with. `gradcam_layer` is the module
    behind the last stage. `accuracy` is the reported top-1 in [0, 1] where there is one.
    """

    name: str
    title: str
    preprocess: Preprocess
    labels: tuple[str, ...]
    gradcam_layer: str
    source: str
    licence: str
    accuracy: float | None = None
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class NetworkSpec(NetworkInfo):
    """A network that the project ships.

    `build` makes it with untrained weights; `checkpoint` is its safetensors file, whose
    bytes must have the digest `sha256`.
    """

    build: Callable[[], nn.Module]
    checkpoint: Path
    sha256: str

    @property
    def classes(self) -> int:
        """Number of classes."""
        return len(self.labels)

    @property
    def has_weights(self) -> bool:
        """Always: they are shipped."""
        return True

    def on_disk(self) -> bool:
        """Whether the weights are where they belong."""
        return self.checkpoint.exists()

    def outline(self) -> nn.Module:
        """The network without memory for its tensors, for their names, shapes and numbers."""
        with ShapesOnly():
            return self.build()


@dataclass(frozen=True, kw_only=True)
class Blueprint:
    """A network that can be built as soon as its weights are at hand.

    `build` makes it, untrained, for a number of classes; `head` names the parameter whose
    first dimension is that number, `classes` is what it is in the weights of its authors.
    `labels` gives the names of those classes. `fetch` brings the authors' weights and
    reports the share in [0, 1] that is there, `on_disk` tells whether it need not; they are
    None where the authors give none.
    """

    name: str
    title: str
    build: Callable[[int], nn.Module]
    head: str
    preprocess: Preprocess
    gradcam_layer: str
    source: str
    licence: str
    classes: int = 1000
    labels: Callable[[], tuple[str, ...]]
    fetch: Callable[[Progress], Path] | None = None
    on_disk: Callable[[], bool] = lambda: False
    accuracy: float | None = None

    @property
    def has_weights(self) -> bool:
        """Whether its authors give trained weights."""
        return self.fetch is not None

    def outline(self, classes: int | None = None) -> nn.Module:
        """The network without memory for its tensors, for their names, shapes and numbers."""
        with ShapesOnly():
            return self.build(classes or self.classes)


@dataclass(frozen=True, eq=False)
class Network:
    """A loaded network in evaluation mode, its parameters without gradients.

    It is shared: run a `clone` of `module` wherever hooks or replaced modules are needed.
    `sha256` is that of its weights file, `metadata` what our own training wrote into it.
    """

    spec: NetworkInfo
    module: nn.Module
    sha256: str
    metadata: Mapping[str, Any] = field(default_factory=dict)

    def record(self) -> NetworkRecord:
        """What a result says about the network that gave it."""
        spec = self.spec
        return NetworkRecord(
            name=spec.name,
            title=spec.title,
            sha256=self.sha256,
            labels=spec.labels,
            source=spec.source,
            licence=spec.licence,
            options=dict(spec.options),
        )

    def class_index(self, target: int | str) -> int:
        """Index of a class given by index or label; raises SaliencyError for an unknown one."""
        labels = self.spec.labels
        known = f"{self.spec.name} knows {len(labels)} classes: {', '.join(labels[:10])}"
        known += ", …" if len(labels) > 10 else ""
        text = str(target).strip()
        if text.lstrip("-").isdecimal():
            if 0 <= int(text) < len(labels):
                return int(text)
            raise SaliencyError(f"got class {text}; give 0 to {len(labels) - 1}. {known}")
        matches = [i for i, label in enumerate(labels) if label.casefold() == text.casefold()]
        if not matches:
            raise SaliencyError(f"got class {text!r}; {known}")
        return matches[0]
