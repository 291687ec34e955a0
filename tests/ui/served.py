"""A script as a user writes it: a model in memory, and the app on it.

`python -m tests.ui.served` prints the address, and ends with its standard input.
"""

import sys

import torch
from torch import nn

import eca_viz
from tests.layers import CalledECA


def model(classes: int) -> nn.Module:
    """A network with one attention layer and random weights."""
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(3, 24, 3, stride=2),
        nn.ReLU(),
        CalledECA(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(24, classes),
    )


if __name__ == "__main__":
    for names in (["cat", "dog"], ["cat", "dog", "cup"]):
        address = eca_viz.serve(
            model(len(names)), labels=names, preprocess={"resize": 64, "crop": 64}
        )
        print(address, flush=True)
        sys.stdin.readline()
