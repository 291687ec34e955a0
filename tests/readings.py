"""`python -m tests.readings`: builds attention layers of all kinds and says how each is read.

Prints the table that stands in assets/docs/networks.md.
"""

import warnings

import torch
from torch import Tensor, nn

from eca_viz.attention.registry import find_mechanism
from eca_viz.errors import NetworkError, UnreadAttentionWarning
from eca_viz.gates.capture import capture
from tests.layer_cases import CASES, Case

ALONE, UNREAD = "its gates alone, and says why", "not at all; a warning names it"
POOLED = {"maximum": "maximum", "half of each": "½ average + ½ maximum", "DCT": "DCT"}


class Net(nn.Module):
    """One layer in a network, which multiplies by the gates where the layer gives them alone."""

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, x: Tensor) -> Tensor:
        given = x.clone()
        out: Tensor = self.layer(x)
        return out if out.shape == given.shape else given * out


def build(case: Case) -> Net:
    """The layer in a network, with random weights that are the same each time."""
    torch.manual_seed(1)
    net = Net(case.build()).eval()
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.copy_(torch.randn_like(parameter) * 0.7)
    return net


def read_as(case: Case) -> str:
    """What a pass through the layer is read as, in words."""
    net = build(case)
    try:
        with warnings.catch_warnings(), capture(net) as recorder, torch.no_grad():
            warnings.simplefilter("ignore", UnreadAttentionWarning)
            net(torch.randn(2, *case.shape))
    except NetworkError:
        return UNREAD
    if not recorder.records:
        return UNREAD
    (record,) = recorder.records
    if record.verified == "weights":
        return ALONE
    title = find_mechanism(record.mechanism).title
    return f"{title} of the {POOLED[record.pooling]}" if record.pooling in POOLED else title


def table() -> str:
    """A row for each way of reading, as Markdown."""
    rows: dict[str, list[str]] = {}
    for case in CASES:
        rows.setdefault(read_as(case), []).append(case.title)
    ordered = sorted(rows, key=lambda words: (words == UNREAD, words == ALONE))
    lines = [f"| {words} | {'; '.join(rows[words])} |" for words in ordered]
    return "\n".join(["| read as | layers |", "| --- | --- |", *lines])


if __name__ == "__main__":
    print(table())
