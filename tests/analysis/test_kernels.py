"""Kernel sizes in words and as a table, and frequency responses worked by hand."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from eca_viz.analysis.kernels import (
    KERNEL_COLUMNS,
    agreements,
    frequency_response,
    kernel_agreement,
    kernel_table,
    tap_table,
)
from eca_viz.records import as_floats
from tests.factories import make_layer


@pytest.mark.parametrize(
    ("channels", "width", "k", "words"),
    [
        (256, 64, 5, "gives 5 for C = 256 and 3 for the block's width 64: chosen by C"),
        (256, 64, 3, "gives 5 for C = 256 and 3 for the block's width 64: chosen by width"),
        (512, 128, 5, "gives 5 for C = 512 and 5 for the block's width 128: as the formula says"),
        (256, 256, 5, "gives 5 for C = 256: as the formula says"),
        (256, None, 3, "gives 5 for C = 256: chosen otherwise"),
        (256, 64, 7, "gives 5 for C = 256 and 3 for the block's width 64: chosen otherwise"),
    ],
)
def test_agreement_in_words(channels: int, width: int | None, k: int, words: str) -> None:
    found = kernel_agreement(make_layer([0.5] * channels, [0.1] * k, width))
    assert found == f"k = {k} here; the formula {words}"


def test_layers_that_agree_are_told_together() -> None:
    kernels = ([0.1] * 3, [0.1] * 3, [0.1] * 5)
    layers = [
        dataclasses.replace(make_layer([0.5] * 64, taps), layer=name)
        for name, taps in zip("abc", kernels, strict=True)
    ]
    assert agreements(layers) == [
        ("a to b", "k = 3 here; the formula gives 3 for C = 64: as the formula says"),
        ("c", "k = 5 here; the formula gives 3 for C = 64: chosen otherwise"),
    ]


def test_layers_without_a_kernel_have_their_reduction() -> None:
    layer = dataclasses.replace(make_layer([0.5] * 32), reduction=4.0)
    assert kernel_agreement(layer) == "no kernel across channels, reduction ratio 4"
    own = dataclasses.replace(layer, mechanism="srm")
    assert kernel_agreement(own).endswith("each gate depends on its own channel alone")
    table = kernel_table([layer, make_layer([0.5] * 32, [0.1] * 3)])
    for column, values in {"reduction": [4, None], "kernel_size": [None, 3]}.items():
        found = [None if pd.isna(value) else value for value in table[column]]
        assert found == values
    assert table["by_channels"].isna().tolist() == [True, False]


def test_kernel_table() -> None:
    row = kernel_table([make_layer([0.5] * 512, [0.1, 0.2, 0.3], 128)]).iloc[0]
    assert (row.kernel_size, row.by_channels, row.by_width) == (3, 5, 5)
    assert row.taps == [0.1, 0.2, 0.3]


def test_frequency_response_by_hand() -> None:
    """The mean of three passes constants and a third of opposed neighbours; identity all."""
    frequencies, smooth = frequency_response(as_floats(np.full(3, 1 / 3)))
    assert (frequencies[0], frequencies[-1]) == (0, 0.5)
    assert smooth[0] == pytest.approx(1)
    assert smooth[-1] == pytest.approx(1 / 3, abs=1e-6)
    _, identity = frequency_response(as_floats(np.array([0.0, 1.0, 0.0])))
    np.testing.assert_allclose(identity, 1, rtol=1e-6)


def test_no_attention_is_a_table_without_rows() -> None:
    table = kernel_table([])
    assert len(table) == 0
    assert tuple(table.columns) == KERNEL_COLUMNS


def test_every_tap_stands_at_its_place() -> None:
    small, large = (
        dataclasses.replace(make_layer([0.5] * 8, taps=taps), layer=name)
        for name, taps in (("a", [1.0, 2.0, 3.0]), ("b", [1.0, 2.0, 3.0, 4.0, 5.0]))
    )
    table = tap_table([small, dataclasses.replace(small, taps=None), large])
    assert table.columns.tolist() == ["layer", "-2", "-1", "0", "+1", "+2"]
    assert table["layer"].tolist() == ["a", "b"]
    np.testing.assert_array_equal(
        table.drop(columns="layer"), [[np.nan, 1, 2, 3, np.nan], [1, 2, 3, 4, 5]]
    )


def test_without_kernels_there_are_no_taps() -> None:
    assert tap_table([dataclasses.replace(make_layer([0.5]), taps=None)]).empty
