"""The kinds of change that can be made to the gates of a layer."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from eca_viz.attention.discovery import AttentionLayer
from eca_viz.attention.modules import own_forward
from eca_viz.errors import GateError, SelectionError
from eca_viz.locale.texts import Text, text
from eca_viz.lookup import by_name
from eca_viz.settings import Param, Parameters

MOST_CHANNELS = 2**16
MOST_TAPS, MOST_TAP = 63, 1000.0


class Rewiring(NamedTuple):
    """What replaces the arithmetic of a layer: the new forward of its first and last module.

    Where the two are one module, `last` is given what `first` returns. `taps` are those in use,
    where they are others than the layer's own.
    """

    first: Callable[[Tensor], Tensor]
    last: Callable[[Tensor], Tensor]
    taps: Tensor | None = None


@dataclass(frozen=True)
class Kind:
    """One way to change gates.

    Either `weights` gives the new gates (N, C) from the old ones, the parameters and the
    layer's mean gates (C,), or `rewire` changes how z is computed from y. In place of `params` a
    kind may take an odd number of values, each as `many` declares.
    """

    name: str
    title: Text
    reading: Text
    params: tuple[Param, ...] = ()
    weights: Callable[[Tensor, Parameters, Tensor | None], Tensor] | None = None
    rewire: Callable[[AttentionLayer, Parameters], Rewiring] | None = None
    needs_reference: bool = False
    many: Param | None = None


def find_kind(name: str) -> Kind:
    """The kind of change called `name`; raises GateError with the valid names."""
    sentence = text("no change of the gates is called {name!r}; the changes are: {names}")
    return by_name(KINDS, name, GateError, sentence)


def _constant(value: float) -> Callable[[Tensor, Parameters, Tensor | None], Tensor]:
    return lambda weights, parameters, reference: torch.full_like(weights, value)


def _layer_mean(weights: Tensor, parameters: Parameters, reference: Tensor | None) -> Tensor:
    return weights.nanmean(1, keepdim=True).expand_as(weights)


def _reference(weights: Tensor, parameters: Parameters, reference: Tensor | None) -> Tensor:
    if reference is None:
        raise GateError(
            text("got the change reference without mean gates; give those of each layer")
        )
    return torch.where(reference.isnan(), weights, reference.to(weights))


def _shuffled(weights: Tensor, parameters: Parameters, reference: Tensor | None) -> Tensor:
    order = _order(weights, parameters)
    if not weights.isnan().any():
        return weights[:, order]
    rows = weights.clone()
    for row, known in zip(rows, ~weights.isnan(), strict=True):
        row[known] = row[order[known[order]]]  # unknown gates stay where they are
    return rows


def _order(values: Tensor, parameters: Parameters) -> Tensor:
    """A permutation of the channels of values (N, C) that depends on the seed alone."""
    generator = torch.Generator().manual_seed(int(parameters["seed"]))
    return torch.randperm(values.shape[1], generator=generator).to(values.device)


def _extreme(
    largest: bool,
) -> Callable[[Tensor, Parameters, Tensor | None], Tensor]:
    def change(weights: Tensor, parameters: Parameters, reference: Tensor | None) -> Tensor:
        count = math.ceil(weights.shape[1] * parameters["percent"] / 100)
        last = -torch.inf if largest else torch.inf  # gates that are not known
        ranked = torch.where(weights.isnan(), last, weights)
        chosen = ranked.topk(count, dim=1, largest=largest).indices
        return weights.scatter(1, chosen, parameters["value"])

    return change


def _one_channel(weights: Tensor, parameters: Parameters, reference: Tensor | None) -> Tensor:
    index, channels = int(parameters["index"]), weights.shape[1]
    if index >= channels:
        raise SelectionError(
            text(
                "got channel {index}; the layer has {channels}, give 0 to {last}",
                index=index,
                channels=channels,
                last=channels - 1,
            )
        )
    changed = weights.clone()
    changed[:, index] = parameters["value"]
    return changed


def _permuted(layer: AttentionLayer, parameters: Parameters) -> Rewiring:
    """The mechanism gets the channels in another order, and its gates are put back into theirs."""
    mechanism, mixing = layer.mechanism, layer.mechanism.mixing(layer.module)

    def first(given: Tensor) -> Tensor:
        descriptor = mechanism.descriptor(layer.module, given)
        permuted = descriptor[:, _order(descriptor, parameters)]
        return own_forward(mixing.first, mechanism.spread(layer.module, permuted, given))

    def last(value: Tensor) -> Tensor:
        logits = value if mixing.first is mixing.last else own_forward(mixing.last, value)
        flat = logits.flatten(1)
        back = torch.argsort(_order(flat, parameters))
        return flat[:, back].reshape(logits.shape)

    return Rewiring(first, last)


def _circular(layer: AttentionLayer, parameters: Parameters) -> Rewiring:
    circular = layer.mechanism.circular(layer.module)
    if circular is None:
        raise GateError(
            text(
                "got circular for {layer}, whose mechanism {mechanism} pads nothing with zeros; "
                "choose an ECA or ECA-NS layer",
                layer=layer.name,
                mechanism=layer.mechanism.title,
            )
        )
    return Rewiring(circular, lambda logits: logits)


def _with_taps(layer: AttentionLayer, parameters: Parameters) -> Rewiring:
    taps = torch.tensor(list(parameters.values()))
    mix = layer.mechanism.with_taps(layer.module, taps)
    if mix is None:
        raise GateError(
            text(
                "got taps for {layer}, whose mechanism {mechanism} has no taps that all channels "
                "share; choose an ECA layer",
                layer=layer.name,
                mechanism=layer.mechanism.title,
            )
        )
    return Rewiring(mix, lambda logits: logits, taps)


_SEED = Param("seed", text("Seed of the order"), 0, 0, 99, 1)


_VALUE = Param("value", text("Their new gate"), 0.0, 0.0, 1.0, 0.05)


_PERCENT = Param("percent", text("Per cent of the channels"), 10, 1, 100, 1)


KINDS: tuple[Kind, ...] = (
    Kind(
        name="ones",
        title=text("All ones"),
        reading=text("Every gate is 1: the network without its attention."),
        weights=_constant(1.0),
    ),
    Kind(
        name="half",
        title=text("All one half"),
        reading=text("Every gate is 0.5, what σ gives for z = 0."),
        weights=_constant(0.5),
    ),
    Kind(
        name="layer_mean",
        title=text("The layer's mean"),
        reading=text("Every gate is its layer's mean over the channels: no channel is preferred."),
        weights=_layer_mean,
    ),
    Kind(
        name="reference",
        title=text("Mean gates"),
        reading=text(
            "Every gate is its channel's mean over a reference set: nothing of this image is "
            "left in the gates."
        ),
        weights=_reference,
        needs_reference=True,
    ),
    Kind(
        name="shuffle",
        title=text("Gates shuffled"),
        reading=text("The same gates, given to other channels."),
        params=(_SEED,),
        weights=_shuffled,
    ),
    Kind(
        name="permute",
        title=text("Channel order permuted"),
        reading=text(
            "The descriptor is put into another order before the channels are mixed and the "
            "gates are put back after: it shows whether it matters which channels are neighbours."
        ),
        params=(_SEED,),
        rewire=_permuted,
    ),
    Kind(
        name="circular",
        title=text("Circular padding"),
        reading=text("The padding before the first channel is the last one, not a zero."),
        rewire=_circular,
    ),
    Kind(
        name="taps",
        title=text("Taps by hand"),
        reading=text(
            "The taps that all channels share are these; their number is the new k. A "
            "channel's logit is the sum of its neighbours' descriptors times the taps."
        ),
        many=Param("tap", text("A tap"), 0.0, -MOST_TAP, MOST_TAP, 0.001),
        rewire=_with_taps,
    ),
    Kind(
        name="strongest",
        title=text("Strongest channels"),
        reading=text("The largest gates of each layer are set to one value."),
        params=(_PERCENT, _VALUE),
        weights=_extreme(largest=True),
    ),
    Kind(
        name="weakest",
        title=text("Weakest channels"),
        reading=text("The smallest gates of each layer are set to one value."),
        params=(_PERCENT, _VALUE),
        weights=_extreme(largest=False),
    ),
    Kind(
        name="channel",
        title=text("One channel by hand"),
        reading=text("One channel's gate is set."),
        params=(
            Param("index", text("Channel"), 0, 0, MOST_CHANNELS, 1),
            Param("value", text("Its new gate"), 0.0, 0.0, 1.0, 0.05),
        ),
        weights=_one_channel,
    ),
)
