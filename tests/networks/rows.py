"""Rows of the shipped table of networks, as they are with the versions that are installed."""

import dataclasses
import re

import timm
import torchvision

from eca_viz.networks.table import Listed, read_table

ROWS = {row.name: row for row in read_table()}
INSTALLED = {"timm": timm.__version__, "torchvision": torchvision.__version__}


def row_of(name: str) -> Listed:
    """The row of a network of timm or torchvision."""
    row = ROWS[name]
    package = row.source.partition(" ")[0]
    source = re.sub(r"^\S+ [^\s,]+", f"{package} {INSTALLED[package]}", row.source)
    return dataclasses.replace(row, source=source)
