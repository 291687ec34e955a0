"""A saliency map with its progress, and a button that stops it."""

from functools import partial

from eca_viz import figures, pipeline
from eca_viz.records.explanation import Explanation, SaliencyMap
from eca_viz.settings import Settings
from eca_viz.ui import cache, state
from eca_viz.ui.components import progress as work


def compute(
    explanation: Explanation,
    network: state.NetworkChoice,
    method: str,
    target: int,
    parameters: Settings,
    *,
    key: str,
) -> SaliencyMap | None:
    """The map, or None where it was stopped, which the page says; `key` is that of its buttons.

    Raises EcaVizError where the method cannot be used on this network.
    """
    return work.stoppable(
        cache.saliency_key(explanation, method, target, parameters),
        pipeline.find_method(method).title,
        partial(cache.saliency, explanation, network, method, target, parameters),
        key=key,
        height=figures.OVERLAY_SIDE,
    )
