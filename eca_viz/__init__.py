"""Channel attention inside a real network: capture it, draw it, explain a photograph with it.

>>> import eca_viz
>>> explanation = eca_viz.explain("photo.jpg")
>>> explanation.attention[0].weights.shape
(1, 64)

PyTorch is imported when it is first needed, so that the app can draw its frame before.
"""

import importlib
from typing import TYPE_CHECKING, Any

from eca_viz.errors import (
    DataError,
    EcaVizError,
    GateError,
    ImageError,
    NetworkError,
    SaliencyError,
)
from eca_viz.version import __version__

if TYPE_CHECKING:
    from eca_viz.analysis.comparison import compare
    from eca_viz.attention.discovery import find_attention
    from eca_viz.gates.capture import capture
    from eca_viz.gates.intervene import intervene
    from eca_viz.networks.loading import load_network
    from eca_viz.pipeline import explain

__all__ = [
    "DataError",
    "EcaVizError",
    "GateError",
    "ImageError",
    "NetworkError",
    "SaliencyError",
    "__version__",
    "capture",
    "compare",
    "explain",
    "find_attention",
    "intervene",
    "load_network",
]

_HOMES = {
    "capture": "eca_viz.gates.capture",
    "compare": "eca_viz.analysis.comparison",
    "explain": "eca_viz.pipeline",
    "find_attention": "eca_viz.attention.discovery",
    "intervene": "eca_viz.gates.intervene",
    "load_network": "eca_viz.networks.loading",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'eca_viz' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = value
    return value
