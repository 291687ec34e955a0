"""Raw values of any layout come out as (N, C)."""

import torch

from eca_viz.attention.mechanism import Reading, flatten_channels


def test_flattens_to_photographs_by_channels() -> None:
    raw = Reading(torch.zeros(2, 1, 5), torch.zeros(2, 5, 1, 1), torch.zeros(2, 5))
    assert [value.shape for value in flatten_channels(raw)] == [(2, 5)] * 3
