"""The result for one image: frozen, picklable, without PyTorch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from eca_viz.errors import SelectionError
from eca_viz.locale.texts import text
from eca_viz.records.attention import LayerAttention
from eca_viz.records.base import Pixels, Record
from eca_viz.records.display import drawn
from eca_viz.records.image import ImageInput
from eca_viz.records.network import NetworkRecord
from eca_viz.records.saliency import Prediction, SaliencyMap, Scorecard

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go


@dataclass(frozen=True, eq=False)
class Explanation(Record):
    """An image, what the network sees of it (`seen`, RGB (h, w, 3)), and what it computed.

    `probabilities` holds the softmax of every class, `predictions` the five best, best first;
    `attention` the layers in the order of the forward pass, each for a batch of one; `saliency`
    the maps, all of one class, and `scorecard` their scores where they were asked for;
    `versions` those of the packages in use; `gates` the changes of the gates in their text form;
    `familiarity` the share in [0, 1] of reference images of the network's classes that are less
    like its training images, None where the network has no reference or its gates are changed;
    `unread` says what looks like attention and is in no layer of `attention`, a sentence each.

    Of a network that gives no classes there are no probabilities and predictions; `score` is the
    number that its owner's function takes from its output, None without one. Of tensors, which are
    no image, `seen` has no pixels.

    >>> explanation = eca_viz.explain(image, network, saliency="grad_cam")
    >>> explanation.predictions[0].label, len(explanation.attention)
    ('church', 8)
    >>> explanation.layer("layer4.1.eca").weights.shape
    (1, 512)
    >>> explanation.to_pandas().columns[:3].tolist()
    ['layer', 'stage', 'order']
    """

    image: ImageInput
    seen: Pixels
    network: NetworkRecord
    probabilities: NDArray[np.float64]
    predictions: tuple[Prediction, ...]
    attention: tuple[LayerAttention, ...]
    saliency: tuple[SaliencyMap, ...]
    versions: Mapping[str, str]
    scorecard: Scorecard | None = None
    gates: tuple[str, ...] = ()
    familiarity: float | None = None
    unread: tuple[str, ...] = ()
    score: float | None = None

    @property
    def target(self) -> int | None:
        """The index of what saliency explains unless asked: the best class, the score, or None."""
        if self.predictions:
            return self.predictions[0].index
        return None if self.score is None else 0

    def label_of(self, index: int) -> str:
        """What stands at an index that can be explained: a class, or the score."""
        return self.network.labels[index] if self.predictions else text("the score")

    def layer(self, name: str) -> LayerAttention:
        """The attention layer called `name`; raises SelectionError with the valid names."""
        for record in self.attention:
            if record.layer == name:
                return record
        names = ", ".join(record.layer for record in self.attention)
        raise SelectionError(
            text(
                "no attention layer {layer!r}; this network has {names}",
                layer=name,
                names=names or text("none"),
            )
        )

    def figure(self, chart: str = "overview", **options: Any) -> go.Figure:
        """A Plotly figure of it, as `eca_viz.show` gives it."""
        figure: go.Figure = drawn("export.charts", "show", self, chart, **options)
        return figure

    def to_pandas(self) -> pd.DataFrame:
        """Its table, a row for each layer and channel: descriptor y, logit z and gate ω."""
        table: pd.DataFrame = drawn("analysis.attention", "attention_table", self.attention)
        return table

    def _repr_html_(self) -> str:
        return str(drawn("export.notebook", "explanation_html", self))
