"""What a kind of attention layer must offer to be recognised, read and changed."""

from abc import abstractmethod
from collections.abc import Callable
from typing import Generic, Literal, NamedTuple, Protocol, TypeVar

import torch
from torch import Tensor, nn

from eca_viz.attention.modules import is_hard, own_forward

Activation = Literal["sigmoid", "hard sigmoid", "1 + tanh"]
Pooling = Literal[
    "average",
    "maximum",
    "half of each",
    "DCT",
    "deviation",
    "l2 norm",
    "weighted average",
    "other",
]

LayerT = TypeVar("LayerT", bound=nn.Module)


class Probe(NamedTuple):
    """A place in a layer where a value can be read: the input or the output of a module."""

    module: nn.Module
    side: Literal["input", "output"]


class Probes(NamedTuple):
    """Where a layer's descriptor y, logits z and gates ω can be read, in order of computation."""

    descriptor: Probe
    logits: Probe
    weights: Probe


class Reading(NamedTuple):
    """Descriptor y, logits z and gates ω of one layer.

    `second` is another descriptor that it takes beside y: the maxima, or standard deviations.
    """

    descriptor: Tensor
    logits: Tensor
    weights: Tensor
    second: Tensor | None = None


class Row(NamedTuple):
    """The terms of one logit: z = Σ coefficients · inputs at `places` + bias.

    The inputs are those of `Mechanism.inputs`. Places outside of them are padding: zeros, or the
    channels of the other end if `wraps`. Where an input is not the descriptor of a channel or a
    value of the bottleneck, `names` says for each term what it is of its channel, which is the
    place modulo C.
    """

    places: Tensor
    coefficients: Tensor
    bias: float = 0.0
    wraps: bool = False
    names: tuple[str, ...] = ()


class Mixing(NamedTuple):
    """Where y becomes z: the module that takes y, and the one that gives z; often the same."""

    first: nn.Module
    last: nn.Module


class Squeezed(NamedTuple):
    """A bottleneck of B channels at one descriptor.

    `sums` (B,) = `weight` (B, C) · y + `bias` (B,); `activation` names the modules that turn the
    sums into the `values` (B,).
    """

    weight: Tensor
    bias: Tensor
    sums: Tensor
    values: Tensor
    activation: str


class Parts(NamedTuple, Generic[LayerT]):
    """The modules that make the gates: `first` takes y, `last` gives z, `sigmoid` gives ω.

    `first` and `last` are the same module unless there is a bottleneck between them.
    """

    first: LayerT
    last: LayerT
    sigmoid: nn.Module


class Mechanism(Protocol):
    """One kind of channel attention; `formula` is LaTeX.

    `recognises` takes any module. The other methods take a module that is recognised. Where the
    mechanism is `tentative`, other layers are built alike: a layer is tried as one of unknown
    structure, and a pass shows whether the formula gives its factors; `poolings` are what its
    descriptors are then.
    """

    name: str
    title: str
    formula: str
    tentative: bool
    poolings: tuple[Pooling, ...]

    def recognises(self, module: nn.Module) -> bool:
        """Whether `module` is a layer of this kind."""

    def probes(self, module: nn.Module) -> Probes:
        """Where y, z and ω can be read."""

    def mixing(self, module: nn.Module) -> Mixing:
        """Where the channels of y are mixed."""

    def logits(self, module: nn.Module, descriptor: Tensor, second: Tensor | None = None) -> Tensor:
        """z (N, C) by the formula and the module's parameters; it can be differentiated.

        Args:
            module: A layer that is recognised.
            descriptor: y (N, C).
            second: The other descriptor (N, C) or (1, C), where the mechanism takes two.
        """

    def gates(self, module: nn.Module, logits: Tensor) -> Tensor:
        """ω from z (N, C) by the layer's own activation."""

    def activation(self, module: nn.Module) -> Activation:
        """The name of the function from z to ω."""

    def descriptors(self, module: nn.Module, value: Tensor, logits: Tensor) -> tuple[Tensor, ...]:
        """One or two descriptors (N, C) of a tentative mechanism.

        Args:
            module: A layer that is recognised.
            value: Its input (N, C, …).
            logits: z (N, C), by which it is told which of its variants a descriptor is.
        """

    def taps(self, module: nn.Module) -> Tensor | None:
        """The kernel (k,) that all channels share, None without one."""

    def reduction(self, module: nn.Module) -> float | None:
        """Channels divided by the channels of the bottleneck, None without one."""

    def read(self, module: nn.Module, raw: Reading) -> Reading:
        """The values at the probes, each brought to the shape (N, C)."""

    def descriptor(self, module: nn.Module, value: Tensor) -> Tensor:
        """y (N, C) in what the mixing takes."""

    def spread(self, module: nn.Module, descriptor: Tensor, given: Tensor) -> Tensor:
        """What the mixing takes for y (N, C), in the form of what it was `given`."""

    def circular(self, module: nn.Module) -> Callable[[Tensor], Tensor] | None:
        """The function from the input of the mixing to z with circular padding.

        None where nothing is padded with zeros.
        """

    def with_taps(self, module: nn.Module, taps: Tensor) -> Callable[[Tensor], Tensor] | None:
        """The function from the input of the mixing to z with other taps (k,) that are shared.

        None where no taps are shared.
        """

    def row(self, module: nn.Module, channel: int, channels: int) -> Row | None:
        """The terms of one logit.

        Args:
            module: A layer that is recognised.
            channel: The channel of the logit, from 0 to `channels` - 1.
            channels: The number of channels C that the layer scales.

        Returns:
            The terms, None where they cannot be read from the module.
        """

    def squeeze(self, module: nn.Module, descriptor: Tensor) -> Squeezed | None:
        """The bottleneck at a descriptor (C,), None without one."""

    def inputs(self, module: nn.Module, descriptor: Tensor, second: Tensor | None) -> Tensor:
        """What the terms of a row multiply, in one dimension.

        Args:
            module: A layer that is recognised.
            descriptor: y (C,).
            second: The other descriptor (C,), where the mechanism takes two.

        Returns:
            Without a rule of the mechanism's own the descriptor, or the values of the bottleneck
            where there is one; of two descriptors the sum of both.
        """


class MechanismBase(Mechanism, Generic[LayerT]):
    """Defaults: the modules that `parts` finds mix y, and there is nothing beside them."""

    tentative = False
    poolings: tuple[Pooling, ...] = ()

    @abstractmethod
    def parts(self, module: nn.Module) -> Parts[LayerT] | None:
        """The modules that make the gates, None for a module of another kind."""

    def known_parts(self, module: nn.Module) -> Parts[LayerT]:
        """The parts of a module that is recognised; raises TypeError for any other."""
        parts = self.parts(module)
        if parts is None:
            raise TypeError(f"{type(module).__name__} is not built like a layer of {self.title}")
        return parts

    def recognises(self, module: nn.Module) -> bool:
        return self.parts(module) is not None

    def probes(self, module: nn.Module) -> Probes:
        first, _, sigmoid = self.known_parts(module)
        return Probes(Probe(first, "input"), Probe(sigmoid, "input"), Probe(sigmoid, "output"))

    def mixing(self, module: nn.Module) -> Mixing:
        first, last, _ = self.known_parts(module)
        return Mixing(first, last)

    def logits(self, module: nn.Module, descriptor: Tensor, second: Tensor | None = None) -> Tensor:
        first, last, _ = self.known_parts(module)
        value = own_forward(first, descriptor)
        return value if first is last else own_forward(last, value)

    def gates(self, module: nn.Module, logits: Tensor) -> Tensor:
        return own_forward(self.known_parts(module).sigmoid, logits.clone())

    def activation(self, module: nn.Module) -> Activation:
        return "hard sigmoid" if is_hard(self.known_parts(module).sigmoid) else "sigmoid"

    def descriptors(self, module: nn.Module, value: Tensor, logits: Tensor) -> tuple[Tensor, ...]:
        return ()

    def taps(self, module: nn.Module) -> Tensor | None:
        return None

    def reduction(self, module: nn.Module) -> float | None:
        return None

    def read(self, module: nn.Module, raw: Reading) -> Reading:
        descriptor, logits, weights, _ = raw
        return Reading(self.descriptor(module, descriptor), logits.flatten(1), weights.flatten(1))

    def descriptor(self, module: nn.Module, value: Tensor) -> Tensor:
        return value.flatten(1)

    def spread(self, module: nn.Module, descriptor: Tensor, given: Tensor) -> Tensor:
        return descriptor.reshape(given.shape)

    def circular(self, module: nn.Module) -> Callable[[Tensor], Tensor] | None:
        return None

    def with_taps(self, module: nn.Module, taps: Tensor) -> Callable[[Tensor], Tensor] | None:
        return None

    def row(self, module: nn.Module, channel: int, channels: int) -> Row | None:
        return None

    def squeeze(self, module: nn.Module, descriptor: Tensor) -> Squeezed | None:
        return None

    def inputs(self, module: nn.Module, descriptor: Tensor, second: Tensor | None) -> Tensor:
        found = torch.zeros(())
        for one in (descriptor, second):
            if one is not None:
                squeezed = self.squeeze(module, one)
                found = found + (one if squeezed is None else squeezed.values)
        return found


def band(channel: int, width: int) -> Tensor:
    """The places of a window of odd width with `channel` in its middle."""
    return torch.arange(channel - width // 2, channel + width // 2 + 1)


def bias_of(module: nn.Module, place: int) -> float:
    """One entry of a module's bias, 0 where it has none."""
    bias = getattr(module, "bias", None)
    return 0.0 if bias is None else float(bias.detach()[place])


def wrapped(descriptor: Tensor, margin: int) -> Tensor:
    """A descriptor (…, C) padded circularly to (…, C + 2·margin)."""
    channels = descriptor.shape[-1]
    return descriptor[..., torch.arange(-margin, channels + margin) % channels]
