"""Attribution of one channel to the pixels."""

from typing import Any

from torch import Tensor, nn

from eca_viz.errors import SaliencyError
from eca_viz.gates.forward import changed
from eca_viz.gates.reference import resolve
from eca_viz.locale.texts import text
from eca_viz.lookup import by_name
from eca_viz.networks.device import with_fallback
from eca_viz.networks.spec import Network
from eca_viz.progress import Progress, silent
from eca_viz.records import ChannelTarget, Explanation, SaliencyMap
from eca_viz.saliency.attribute import attribute
from eca_viz.saliency.methods.channel import CHANNEL_METHODS
from eca_viz.settings import Parameters


def channel_saliency(
    network: Network,
    explanation: Explanation,
    layer: str,
    channel: int,
    method: str = "input_x_gradient",
    *,
    parameters: Parameters | None = None,
    progress: Progress = silent,
) -> SaliencyMap:
    """The saliency map of one channel, whose score is its mean behind the gate.

    Args:
        network: The network that made the explanation.
        explanation: What says which image, and how the gates were changed.
        layer: Name of an attention layer.
        channel: Index of one of its channels.
        method: Name of one of CHANNEL_METHODS.
        parameters: The method's own.
        progress: As in `explain`.

    Returns:
        The map.

    Raises:
        SelectionError: For an unknown layer or channel.
        SaliencyError: For an unknown method or parameter.

    >>> eca_viz.channel_saliency(network, explanation, "layer4.1.eca", 17).values.shape
    (176, 176)
    """
    explanation.layer(layer).check_channel(channel)
    sentence = text("no method for channels is called {name!r}; there are: {names}")
    chosen = by_name(CHANNEL_METHODS, method, SaliencyError, sentence)
    intervention = resolve(network, explanation.gates, progress)

    def compute(network: Network) -> SaliencyMap:
        private = network.private_on_device()
        with changed(private, intervention):
            return attribute(
                chosen,
                ChannelScores(private.module, layer),
                "",
                network.inputs_of(explanation),
                ChannelTarget(layer, channel),
                parameters or {},
                progress,
            )

    return with_fallback(network, compute)


class ChannelScores(nn.Module):
    """A network whose outputs (N, C) are the averages of a layer's feature maps behind the gate.

    It puts a hook on the network: give it a clone.
    """

    def __init__(self, network: nn.Module, layer: str) -> None:
        super().__init__()
        self.network = network
        self._scores: Tensor | None = None
        network.get_submodule(layer).register_forward_hook(self._note)

    def _note(self, module: nn.Module, inputs: Any, output: Tensor) -> None:
        # A mean is a new tensor: some blocks go on to overwrite the output in place.
        self._scores = output.mean((2, 3)).cpu()

    def forward(self, x: Tensor) -> Tensor:
        self.network(x)
        scores, self._scores = self._scores, None
        if scores is None:
            raise RuntimeError("the layer did not run in the network's forward pass")
        return scores
