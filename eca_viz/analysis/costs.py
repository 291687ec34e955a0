"""Costs of a network as tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from eca_viz.locale.texts import text, tr
from eca_viz.records import Cost, NetworkCosts

if TYPE_CHECKING:
    import pandas as pd


def cost_note(costs: NetworkCosts) -> str:
    """How to read `cost_table`."""
    return tr(
        "For one image of {side} × {side} pixels: compare the first row with the second and the "
        "third. The ECA paper counts in M = 2^20 and G = 2^30, so its ResNet-50 has 24.37 M "
        "parameters where others say 25.6 million. Multiply-adds are those of convolutions and "
        "matrix products; they do not show how long a layer takes.",
        side=costs.side,
    )


def cost_table(costs: NetworkCosts) -> pd.DataFrame:
    """A network beside itself without attention and with SE, in plain units and the paper's."""
    rows: dict[str, Cost] = {
        text("as loaded"): costs.total,
        text("without attention"): costs.without,
        text("with SE (r = 16) instead"): costs.with_se,
        text("its attention alone"): costs.attention,
    }
    return _cost_rows(rows)


def layer_cost_table(costs: NetworkCosts) -> pd.DataFrame:
    """What each attention layer costs."""
    return _cost_rows(costs.layers)


def _cost_rows(rows: Mapping[str, Cost]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(
        {
            "what": name,
            "parameters": cost.parameters,
            "parameters_mebi": cost.parameters / 2**20,
            "multiply_adds": cost.multiply_adds,
            "multiply_adds_gibi": cost.multiply_adds / 2**30,
        }
        for name, cost in rows.items()
    )
