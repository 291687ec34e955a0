"""A private copy of a network together with its attention layers."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

from torch import nn

from eca_viz.attention import functional
from eca_viz.attention.discovery import AttentionLayer
from eca_viz.errors import SelectionError
from eca_viz.locale.texts import text
from eca_viz.networks.clone import clone


@dataclass(frozen=True, eq=False)
class PrivateNetwork:
    """A copy of a network that may be hooked; `layers` are its own attention layers."""

    module: nn.Module
    layers: tuple[AttentionLayer, ...]

    def layer(self, name: str) -> AttentionLayer:
        """The attention layer called `name`; raises SelectionError with the valid names."""
        for layer in self.layers:
            if layer.name == name:
                return layer
        names = ", ".join(layer.name for layer in self.layers)
        raise SelectionError(
            text(
                "no attention layer {layer!r}; the layers are: {names}",
                layer=name,
                names=names or text("none"),
            )
        )


def private_copy(module: nn.Module, layers: Sequence[AttentionLayer]) -> PrivateNetwork:
    """A clone of `module`, whose attention layers are `layers`, found once and taken over."""
    return with_layers(clone(module), layers)


def with_layers(module: nn.Module, layers: Sequence[AttentionLayer]) -> PrivateNetwork:
    """A network with its own modules for the attention layers that were found in another copy."""
    own = [dataclasses.replace(one, module=module.get_submodule(one.name)) for one in layers]
    for layer in own:
        functional.install(layer.module)
    return PrivateNetwork(module, tuple(own))
