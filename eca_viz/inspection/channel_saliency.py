"""Where in the photograph is what one channel answers to?"""

from eca_viz.errors import NetworkError, SaliencyError
from eca_viz.gates.reference import as_explained
from eca_viz.networks.clone import clone
from eca_viz.networks.spec import Network
from eca_viz.progress import Progress, silent
from eca_viz.records import ChannelTarget, Explanation, SaliencyMap
from eca_viz.saliency.attribute import attribute
from eca_viz.saliency.methods.channel import CHANNEL_METHODS, ChannelScores
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
    """What in the photograph raises or lowers one channel's average behind its gate.

    `method` is a name of CHANNEL_METHODS; `explanation` is one that `network` made.
    `progress` is called as in explain(). Raises KeyError for an unknown layer, NetworkError
    for a channel that it does not have, SaliencyError for an unknown method or parameter.
    """
    count = explanation.layer(layer).channels
    if not 0 <= channel < count:
        raise NetworkError(f"{layer} has no channel {channel}; give one from 0 to {count - 1}")
    chosen = next((known for known in CHANNEL_METHODS if known.name == method), None)
    if chosen is None:
        names = ", ".join(known.name for known in CHANNEL_METHODS)
        raise SaliencyError(f"no method for channels is called {method!r}; there are: {names}")
    private = clone(network.module)
    with as_explained(network, explanation, private):
        return attribute(
            chosen,
            ChannelScores(private, layer),
            "",
            network.spec.preprocess.normalise(explanation.seen),
            ChannelTarget(layer, channel),
            parameters or {},
            lambda fraction: progress(chosen.title, fraction),
        )
