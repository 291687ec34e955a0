"""What is known of a network, and a loaded one; needs PyTorch only where a network is made."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eca_viz.errors import NetworkError, SelectionError
from eca_viz.locale.plain_text import shortened
from eca_viz.locale.texts import text
from eca_viz.networks.labels import LONGEST_INDEX
from eca_viz.networks.preprocess import Preprocess
from eca_viz.progress import Progress
from eca_viz.records import Explanation, NetworkRecord

if TYPE_CHECKING:
    from torch import Tensor, nn

    from eca_viz.attention.discovery import AttentionLayer
    from eca_viz.networks.private import PrivateNetwork


@dataclass(frozen=True, kw_only=True)
class NetworkSpec:
    """What is known of a network before its weights are read.

    Attributes:
        name: What load_network is called with, empty for the architecture of a file.
        title: Its name for people.
        build: Makes it, untrained, for a number of classes.
        head: Name of the parameter whose first dimension is the number of classes.
        preprocess: How an image becomes its input.
        gradcam_layer: Name of the module behind the last stage.
        source: Where its weights are from.
        licence: Licence of its weights.
        classes: Number of classes in the weights of its authors.
        labels: Gives the names of those classes.
        fetch: Gives the path of the authors' weights, after a download if need be, and reports
            the share in [0, 1] that is there; None where there are no trained weights.
        on_disk: Whether `fetch` needs no download.
        sha256: Digest that the fetched file must have, empty where it is not known.
        accuracy: Reported top-1 in [0, 1], None where there is none.
    """

    name: str
    title: str
    build: Callable[[int], "nn.Module"]
    head: str
    preprocess: Preprocess
    gradcam_layer: str
    source: str
    licence: str
    classes: int = 1000
    labels: Callable[[], tuple[str, ...]]
    fetch: Callable[[Progress], Path] | None = None
    on_disk: Callable[[], bool] = lambda: False
    sha256: str = ""
    accuracy: float | None = None

    def outline(self, classes: int | None = None) -> "nn.Module":
        """The network without memory for its tensors, for their names, shapes and numbers."""
        from eca_viz.networks.shapes_only import ShapesOnly

        with ShapesOnly():
            return self.build(classes or self.classes)


@dataclass(frozen=True, eq=False)
class Network:
    """A loaded network in evaluation mode, its parameters without gradients.

    It is shared: hooks and replaced modules belong on a `private` copy.

    Attributes:
        spec: What is known of its architecture.
        module: The network itself.
        record: What results say of it: its name, title, labels, and the digest of its weights.
        metadata: What our own training wrote into the weights file.
        also: Names of modules that are attention layers though their structure is not known, as
            for `capture`.
        example: What it takes instead of an image: its tensors, each with a batch of one; nothing
            for a network that takes images.
        device: Where explanations of it are computed, as for `explain`; `module` stays on the CPU.

    >>> network.record.title, len(network.record.labels)
    ('ECA-ResNet-18 · Imagenette (10 classes)', 10)
    """

    spec: NetworkSpec
    module: "nn.Module"
    record: NetworkRecord
    metadata: Mapping[str, Any] = field(default_factory=dict)
    also: tuple[str, ...] = ()
    example: "tuple[Tensor, ...]" = ()
    device: str = ""

    @staticmethod
    def wrap(
        model: "nn.Module",
        *,
        name: str = "",
        preprocess: Preprocess | Mapping[str, Any] | None = None,
        labels: Sequence[str] | None = None,
        also: Sequence[str] = (),
        score: "Callable[[Any], Tensor] | None" = None,
        example: "Tensor | Sequence[Tensor] | None" = None,
    ) -> "Network":
        """A network of one's own that is in memory.

        Args:
            model: Takes images (N, 3, H, W), or what `example` shows, and gives logits
                (N, classes) or anything else. It is put into evaluation mode, its parameters lose
                their gradients and become float32, and its activations no longer work in place.
            name: What results call it; the class of the model if empty.
            preprocess: How an image becomes its input, a Preprocess or a mapping of its fields;
                None for 256 px, crop 224 and ImageNet's mean and standard deviation.
            labels: Names of its classes by index; "class 0", "class 1", … if None. Without any,
                `[]`, its output (N, C) is none of classes but an embedding.
            also: Names of modules that multiply each channel by one factor, as for `capture`.
            score: Of a network that gives no classes, such as a detector: a function from its
                output to one number for each image, (N,), which saliency explains.
            example: Of a network that takes no images: its input, with a batch of one; several
                tensors for several inputs.

        Returns:
            The network.

        Raises:
            NetworkError: Where the model does not run on such input, for labels of another
                number, for a score that is not one number for each image, and for a name in
                `also` that it does not have.

        >>> own = eca_viz.Network.wrap(model, labels=["cat", "dog", "cup"])
        >>> eca_viz.explain(image, own, saliency="grad_cam").target in (0, 1, 2)
        True
        """
        from eca_viz.networks.own import PREPROCESS, wrap

        given = preprocess or PREPROCESS
        return wrap(
            model,
            name=name,
            preprocess=given,
            labels=labels,
            also=also,
            score=score,
            example=example,
        )

    @property
    def layers(self) -> "tuple[AttentionLayer, ...]":
        """Its attention layers in the order of registration, found once."""
        return self._attention[0]

    @property
    def lookalikes(self) -> "Mapping[str, str]":
        """Modules that look like attention and are none of its layers: why, by name."""
        return self._attention[1]

    @cached_property
    def _attention(self) -> "tuple[tuple[AttentionLayer, ...], Mapping[str, str]]":
        """It runs once where a module has to be tried that only looks like attention."""
        from eca_viz.attention.discovery import find_attention
        from eca_viz.attention.lookalikes import failed_guesses, with_guesses
        from eca_viz.attention.trial import settle
        from eca_viz.networks.private import private_copy

        layers, alike = with_guesses(self.module, find_attention(self.module, self.also))
        if any(layer.guessed for layer in layers):
            # A network may refuse noise in any way; then its guesses stay undecided.
            with suppress(Exception):
                settle(private_copy(self.module, layers).module, layers, self.noise())
        failed = failed_guesses(layers)
        kept = [one for one in layers if not one.guessed or (one.verdicts and not one.unread)]
        return tuple(kept), {**alike, **failed}

    def noise(self) -> "tuple[Tensor, ...]":
        """Its example, or noise in the form of an image, a batch of one."""
        import torch

        side, generator = self.spec.preprocess.crop, torch.Generator().manual_seed(0)
        return self.example or (torch.rand(1, 3, side, side, generator=generator),)

    def inputs_of(self, explanation: Explanation) -> "Tensor":
        """The image (1, 3, H, W) of an explanation; raises NetworkError for one of tensors."""
        if not explanation.seen.size:
            raise NetworkError(
                text(
                    "{network} takes tensors, which an explanation does not keep; explain them "
                    "again with what is to be changed",
                    network=self.record.title,
                )
            )
        return self.spec.preprocess.normalise(explanation.seen)

    def on(self, device: str) -> "Network":
        """The same network, computing on a device, as for `explain`."""
        return replace(self, device=device)

    def private(self) -> "PrivateNetwork":
        """A copy on the CPU that may be hooked, with its attention layers."""
        from eca_viz.networks.private import private_copy

        return private_copy(self.module, self.layers)

    def private_on_device(self) -> "PrivateNetwork":
        """`private` on the network's device; takes tensors of the CPU and gives such.

        Raises NetworkError for a device that is not there.
        """
        from eca_viz.networks.clone import clone
        from eca_viz.networks.device import bridge, find_device, module_on
        from eca_viz.networks.private import with_layers

        device = find_device(self.device)
        found = with_layers(clone(module_on(self.module, device)), self.layers)
        bridge(found.module, device)
        return found

    def class_index(self, target: int | str) -> int:
        """Index of a class given by index or label; raises SelectionError for an unknown one.

        A network with a score has that alone, at index 0.
        """
        if self.record.output != "classes":
            if self.record.output == "score" and str(target) in {"0", "score"}:
                return 0
            raise SelectionError(
                text(
                    "got class {target!r}; {network} gives no classes, leave it out",
                    target=shortened(str(target)),
                    network=self.record.title,
                )
            )
        labels = self.record.labels
        known = text(
            "{network} knows {count} classes: {labels}",
            network=self.record.name,
            count=len(labels),
            labels=", ".join(labels[:10]) + (", …" if len(labels) > 10 else ""),
        )
        large = isinstance(target, int) and abs(target) >= 10**LONGEST_INDEX
        # Python writes and reads at most 4,300 decimal digits.
        asked = f"{target:#x}" if large else str(target).strip()
        shown = shortened(asked)
        if asked.removeprefix("-").isdecimal():
            if len(asked) <= LONGEST_INDEX and 0 <= int(asked) < len(labels):
                return int(asked)
            raise SelectionError(
                text(
                    "got class {index}; give 0 to {last}. {known}",
                    index=shown,
                    last=len(labels) - 1,
                    known=known,
                )
            )
        matches = [i for i, label in enumerate(labels) if label.casefold() == asked.casefold()]
        if not matches:
            raise SelectionError(text("got class {label!r}; {known}", label=shown, known=known))
        return matches[0]
