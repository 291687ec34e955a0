"""Arithmetic on records that are made by hand."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from eca_viz.analysis.attention import (
    ATTENTION_COLUMNS,
    attention_table,
    by_stage,
    strongest_and_weakest,
    weight_range,
)
from eca_viz.analysis.kernels import (
    KERNEL_COLUMNS,
    agreements,
    frequency_response,
    kernel_agreement,
    kernel_table,
)
from eca_viz.analysis.matrices import coarse, gate_similarity, rank_correlation
from eca_viz.analysis.saliency import SCORE_COLUMNS, curve_table, saliency_limits, score_table
from eca_viz.records import LayerAttention, MapScore, Prediction, SaliencyMap, Scorecard, as_floats


def make_scorecard(count: int) -> Scorecard:
    """Scores of so many maps and of a random one."""
    shares = as_floats(np.linspace(0, 1, 5))
    scores = [
        MapScore(
            method=f"method_{number}",
            title=f"Method {number}",
            deletion=as_floats(1 - shares / (number + 1)),
            insertion=as_floats(shares / (number + 1)),
            deletion_area=0.5,
            insertion_area=0.25,
            infidelity=0.75,
            sensitivity=0.1 if number < count else None,
            similarity=-0.1 if number < count else None,
        )
        for number in range(count + 1)
    ]
    return Scorecard(Prediction(4, "church", 0.9), shares, tuple(scores), ("Grad-CAM",), 1.0)


def make_layer(
    weights: list[float], taps: list[float] | None = None, width: int | None = None
) -> LayerAttention:
    values = as_floats(np.array([weights]))
    return LayerAttention(
        layer="layer1.0.eca",
        stage="layer1",
        order=0,
        mechanism="eca",
        channels=len(weights),
        kernel_size=None if taps is None else len(taps),
        taps=None if taps is None else as_floats(np.array(taps)),
        reduction=None,
        width=width,
        descriptor=values * 2,
        logits=np.log(values / (1 - values)),
        weights=values,
    )


def test_layers_by_stage_keep_their_order() -> None:
    first, second = make_layer([0.5, 0.25]), make_layer([0.5])
    last = dataclasses.replace(second, stage="layer2")
    assert by_stage([first, second, last]) == {"layer1": [first, second], "layer2": [last]}
    assert by_stage([]) == {}


def make_map(values: list[list[float]], signed: bool) -> SaliencyMap:
    return SaliencyMap(
        method="any",
        title="Any",
        reading="Any.",
        target=Prediction(0, "tench", 1.0),
        parameters={},
        values=as_floats(np.array(values)),
        signed=signed,
        convergence_delta=None,
        seconds=0.1,
    )


def test_one_row_per_layer_and_channel() -> None:
    layers = [make_layer([0.25, 0.75], [1.0]), make_layer([0.5, 0.5, 0.125])]
    table = attention_table(layers)
    assert tuple(table.columns) == ATTENTION_COLUMNS
    assert table["channel"].tolist() == [0, 1, 0, 1, 2]
    assert table["weight"].tolist() == [0.25, 0.75, 0.5, 0.5, 0.125]
    assert table["descriptor"].tolist() == [0.5, 1.5, 1.0, 1.0, 0.25]
    assert table["kernel_size"].isna().tolist() == [False, False, True, True, True]


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


def test_strongest_and_weakest() -> None:
    layer = make_layer([0.5, 0.9, 0.1, 0.6])
    assert strongest_and_weakest(layer, 2) == ([1, 3], [2, 0])


def test_weight_range_is_rounded_outwards() -> None:
    assert weight_range([make_layer([0.41, 0.5]), make_layer([0.62, 0.5])]) == (0.4, 0.7)


def test_saliency_limits() -> None:
    maps = [make_map([[0, 1]], True), make_map([[0, -4]], True), make_map([[0, 2]], False)]
    assert saliency_limits(maps, shared=False) == pytest.approx([0.995, 3.98, 1.99])
    assert saliency_limits(maps, shared=True) == pytest.approx([3.98, 3.98, 1.99])


def test_a_map_of_zeros_still_has_a_scale() -> None:
    assert saliency_limits([make_map([[0, 0]], True)], shared=True) == [1.0]
    lonely = make_map(np.eye(40).tolist(), False)
    single = dataclasses.replace(lonely, values=as_floats(np.diag([1.0] + [0.0] * 39)))
    assert saliency_limits([single], shared=False) == [1.0]


def test_no_maps_no_limits() -> None:
    assert saliency_limits([], shared=True) == []


def test_coarse_keeps_the_entry_of_largest_magnitude() -> None:
    matrix = np.zeros((5, 5), dtype=np.float32)
    matrix[0, 1], matrix[1, 0], matrix[4, 4] = 2, -3, 1
    np.testing.assert_array_equal(coarse(matrix, 3), [[-3, 0, 0], [0, 0, 0], [0, 0, 1]])
    assert coarse(matrix, 5) is matrix


def test_similarity_is_pearsons_and_blank_without_spread() -> None:
    gates = [np.array(g, dtype=np.float32) for g in ([0.1, 0.5, 0.2], [0.9, 0.3, 0.4], [1, 1, 1])]
    found = gate_similarity(gates)
    np.testing.assert_allclose(found[:2, :2], np.corrcoef(gates[:2]), atol=1e-6)
    assert np.isnan(found[2]).all()
    assert np.isnan(found[:, 2]).all()


def test_rank_correlation_by_hand() -> None:
    """ρ = 1 - 6 Σd² / (n (n² - 1)) with d = 0, 1, 1."""
    one, other = np.array([1.0, 2.0, 3.0]), np.array([1.0, 9.0, 4.0])
    assert rank_correlation(one, other) == pytest.approx(0.5)
    assert rank_correlation(one, np.ones(3)) is None
    assert rank_correlation(one, -(one**3)) == pytest.approx(-1)
    assert rank_correlation(one.reshape(3, 1), other) == pytest.approx(0.5)


def test_no_attention_is_a_table_without_rows() -> None:
    for table, columns in (
        (attention_table([]), ATTENTION_COLUMNS),
        (kernel_table([]), KERNEL_COLUMNS),
    ):
        assert len(table) == 0
        assert tuple(table.columns) == columns


def test_scores_as_tables() -> None:
    card = make_scorecard(2)
    table = score_table(card)
    assert table.columns.tolist() == ["method", *SCORE_COLUMNS]
    assert table["method"].tolist() == ["Method 0", "Method 1", "Method 2"]
    assert table.iloc[0].tolist() == ["Method 0", 0.25, 0.5, 0.75, 0.1, -0.1]
    assert table.iloc[2, -2:].isna().all()
    curves = curve_table(card)
    assert len(curves) == 3 * len(card.shares)
    second = curves[curves["method"] == "Method 1"]
    np.testing.assert_array_equal(second["probability, deleted"], card.scores[1].deletion)
    np.testing.assert_array_equal(second["probability, inserted"], card.scores[1].insertion)
    np.testing.assert_array_equal(second["share of the pixels"], card.shares)


def test_each_score_says_how_to_read_it() -> None:
    assert all(reading.endswith(".") for reading in SCORE_COLUMNS.values())
