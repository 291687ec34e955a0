"""Tables and ranges of attention records that are made by hand."""

import dataclasses

from eca_viz.analysis.attention import (
    ATTENTION_COLUMNS,
    attention_table,
    by_stage,
    gate_range,
    standing_out,
    strongest_and_weakest,
    widest,
)
from tests.factories import make_layer


def test_one_row_per_layer_and_channel() -> None:
    layers = [make_layer([0.25, 0.75], [1.0]), make_layer([0.5, 0.5, 0.125])]
    table = attention_table(layers)
    assert tuple(table.columns) == ATTENTION_COLUMNS
    assert table["channel"].tolist() == [0, 1, 0, 1, 2]
    assert table["weight"].tolist() == [0.25, 0.75, 0.5, 0.5, 0.125]
    assert table["descriptor"].tolist() == [0.5, 1.5, 1.0, 1.0, 0.25]
    assert table["kernel_size"].isna().tolist() == [False, False, True, True, True]


def test_strongest_and_weakest() -> None:
    layer = make_layer([0.5, 0.9, 0.1, 0.6])
    assert strongest_and_weakest(layer, 2) == ([1, 3], [2, 0])


def test_gate_range_is_rounded_outwards() -> None:
    assert gate_range([make_layer([0.41, 0.5]), make_layer([0.62, 0.5])]) == (0.4, 0.7)


def test_no_attention_is_a_table_without_rows() -> None:
    table = attention_table([])
    assert len(table) == 0
    assert tuple(table.columns) == ATTENTION_COLUMNS


def test_layers_by_stage_keep_their_order() -> None:
    first, second = make_layer([0.5, 0.25]), make_layer([0.5])
    last = dataclasses.replace(second, stage="layer2")
    assert by_stage([first, second, last]) == {"layer1": [first, second], "layer2": [last]}
    assert by_stage([]) == {}


def test_the_widest_layer_is_the_one_whose_gates_differ_most() -> None:
    layers = [make_layer([0.4, 0.6]), make_layer([0.1, 0.9]), make_layer([0.5, 0.5, 0.5])]
    assert widest(layers) is layers[1]


def test_a_channel_that_stands_out_has_its_window_free_of_padding() -> None:
    gates = [0.9, 0.5, 0.5, 0.4, 0.5, 0.01]
    assert standing_out(make_layer(gates)) == 5
    assert standing_out(make_layer(gates, [1.0, 2.0, 3.0])) == 3
    assert standing_out(make_layer([0.2, 0.5, 0.9], [1.0] * 7)) == 2
