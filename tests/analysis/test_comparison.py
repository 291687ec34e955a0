"""A, B and A − B, worked by hand."""

import dataclasses

import numpy as np
import pytest

from eca_viz.analysis.class_matching import (
    PREDICTION_COLUMNS,
    counterpart,
    nothing_in_common,
    prediction_table,
    verdict,
)
from eca_viz.analysis.comparison import (
    LAYER_COLUMNS,
    SHARES,
    backdrop,
    compare,
    curve_table,
    curves,
    difference,
    difference_map,
    gates_table,
    layer_table,
    limit,
    notes,
)
from eca_viz.records import (
    Comparison,
    Explanation,
    LayerAttention,
    Prediction,
)
from tests.factories import layer, make_map, side


def pairs(found: Comparison) -> list[tuple[str, str, str]]:
    return [(pair.a.layer, pair.b.layer, pair.by) for pair in found.pairs]


def names(prefix: str, count: int) -> list[LayerAttention]:
    return [layer(f"{prefix}{number}", [0.5]) for number in range(count)]


def test_layers_are_matched_by_name_in_the_order_of_a() -> None:
    found = compare(
        side([layer("x", [0.1]), layer("y", [0.2]), layer("only a", [0.3])]),
        side([layer("y", [0.4]), layer("only b", [0.5]), layer("x", [0.6])]),
    )
    assert pairs(found) == [("x", "x", "name"), ("y", "y", "name")]
    assert (found.alone_in_a, found.alone_in_b) == (("only a",), ("only b",))
    assert notes(found) == [
        "Only in A, and therefore not compared: only a.",
        "Only in B, and therefore not compared: only b.",
    ]


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (2, 2, ["a0 b0", "a1 b1"]),
        (2, 4, ["a0 b0", "a1 b3"]),
        (3, 5, ["a0 b0", "a1 b2", "a2 b4"]),
        (4, 3, ["a0 b0", "a2 b1", "a3 b2"]),
        (1, 3, ["a0 b2"]),
        (0, 3, []),
    ],
)
def test_layers_without_a_common_name_are_matched_by_depth(
    first: int, second: int, expected: list[str]
) -> None:
    found = compare(side(names("a", first)), side(names("b", second)))
    assert [f"{a} {b}" for a, b, by in pairs(found)] == expected
    assert all(by == "depth" for _, _, by in pairs(found))
    assert len(found.alone_in_a) == first - len(expected)
    assert any("matched by depth" in note for note in notes(found)) == bool(expected)


@pytest.mark.parametrize("shorter", range(1, 12))
@pytest.mark.parametrize("longer", range(1, 40))
def test_no_layer_is_matched_twice(shorter: int, longer: int) -> None:
    found = compare(side(names("a", shorter)), side(names("b", longer))).pairs
    assert len({pair.a.layer for pair in found}) == len(found) == min(shorter, longer)
    assert len({pair.b.layer for pair in found}) == len(found)


def test_channels_stand_against_channels_where_there_are_as_many() -> None:
    found = compare(side([layer("x", [0.9, 0.25])]), side([layer("x", [0.4, 0.75])]))
    (pair,) = found.pairs
    np.testing.assert_allclose(difference(pair), [0.5, -0.5])
    assert limit(found) == pytest.approx(0.5)
    table = curve_table(pair)
    assert list(table.columns) == ["channel", "a", "b", "difference"]
    assert table["channel"].tolist() == [0, 1]
    row = layer_table(found).iloc[0]
    assert tuple(row.index) == LAYER_COLUMNS
    assert (row.mean_a, row.mean_b) == (pytest.approx(0.575), pytest.approx(0.575))
    assert row.mean_difference == pytest.approx(0, abs=1e-7)
    assert row.distance == pytest.approx(0.5)
    assert notes(found) == []


def test_different_sizes_are_compared_by_distribution() -> None:
    """Sorted, (¼, ¾) and (¼, ½, ¾) are one line; raised by ⅛ they differ by ⅛ everywhere."""
    a, b = layer("x", [0.75, 0.25]), layer("x", [0.5, 0.75, 0.25])
    found = compare(side([a]), side([b]))
    (pair,) = found.pairs
    assert not pair.channelwise
    assert [len(curve) for curve in curves(pair)] == [len(SHARES)] * 2
    np.testing.assert_allclose(curves(pair)[0], 0.25 + SHARES / 2, atol=1e-7)
    np.testing.assert_allclose(difference(pair), 0, atol=1e-7)
    assert "1 of 1 pairs differ in their number of channels" in notes(found)[0]
    assert curve_table(pair)["share"].tolist() == SHARES.tolist()
    raised = compare(side([layer("x", [0.875, 0.375])]), side([b]))
    assert layer_table(raised)["distance"][0] == pytest.approx(0.125)


def test_weights_table_holds_every_pair() -> None:
    found = compare(
        side([layer("x", [0.5, 0.6]), layer("y", [0.1])]),
        side([layer("x", [0.5, 0.5]), layer("y", [0.1, 0.2])]),
    )
    table = gates_table(found)
    assert len(table) == 2 + len(SHARES)
    assert table["channel"].dropna().tolist() == [0, 1]
    assert table["share"].notna().sum() == len(SHARES)
    empty = gates_table(compare(side([]), side([])))
    assert list(empty.columns) == list(table.columns)


def test_nothing_in_common_has_a_scale_all_the_same() -> None:
    same = compare(side(names("a", 1)), side(names("a", 1)))
    assert limit(same) == limit(compare(side([]), side([]))) == 1.0
    assert layer_table(compare(side([]), side([]))).empty


def test_networks_that_were_trained_apart_are_said_to_be() -> None:
    found = compare(side(names("a", 1)), side(names("a", 1), sha256="2" * 64))
    assert "channel 5 of one need not correspond" in notes(found)[0]


def test_predictions_in_percentage_points_over_both_best() -> None:
    found = compare(
        side([], probabilities=(0.7, 0.2, 0.1)), side([], probabilities=(0.1, 0.3, 0.6))
    )
    table = prediction_table(found)
    assert tuple(table.columns) == PREDICTION_COLUMNS
    assert table["class"].tolist() == ["cat", "dog", "cup"]
    np.testing.assert_allclose(table["points"], [60, -10, -50])


def test_different_classes_are_matched_by_name() -> None:
    a = side([], ("cat", "dog, hound"), (0.7, 0.3))
    b = side([], ("crane", "Dog", "crane", "fox"), (0.4, 0.3, 0.2, 0.1), best=3)
    table = prediction_table(compare(a, b)).set_index("class")
    assert table.index.tolist() == ["cat", "dog, hound", "crane", "crane"]
    assert table.loc["dog, hound", "points"] == pytest.approx(0)
    assert np.isnan(table.loc["cat", "b"])
    assert table.loc["crane", "a"].isna().all()
    assert table.loc["crane", "b"].tolist() == [0.4, 0.2]
    assert "A has 2 classes and B 4" in notes(compare(a, b))[0]


def test_the_counterpart_of_a_class() -> None:
    a = side([], ("cat", "dog, hound"), (0.7, 0.3))
    b = side([], ("fox", "Dog", "wolf"), (0.4, 0.5, 0.1))
    found = compare(a, b)
    assert counterpart(found, a.predictions[1]) == Prediction(1, "Dog", 0.5)
    assert counterpart(found, a.predictions[0]) is None
    assert counterpart(compare(a, a), a.predictions[0]) == a.predictions[0]


def test_the_verdict_is_said_in_a_sentence() -> None:
    a = side([], ("cat", "dog, hound"), (0.7, 0.3))
    b = side([], ("fox", "Dog", "Cat"), (0.4, 0.5, 0.1), best=2)
    assert verdict(compare(a, b)) == "A predicts cat (70.0%), B Dog (50.0%)"
    assert verdict(compare(a, a)) == "Both predict cat: A with 70.0%, B with 70.0%"


def test_nothing_in_common_is_said_and_why() -> None:
    def why(a, b) -> str:
        found = compare(a, b)
        return nothing_in_common(found, prediction_table(found))

    cats = side([], ("cat", "dog"), (0.7, 0.3), best=1)
    assert why(cats, cats) == ""
    assert "no class of the same name" in why(cats, side([], ("crane", "fox"), (0.6, 0.4)))
    assert "None of the best classes" in why(cats, side([], ("fox", "Dog"), (0.6, 0.4), best=1))


def test_the_difference_of_two_maps_is_signed() -> None:
    a, b = make_map([[1.0, 0.0]], signed=False), make_map([[0.25, 0.5]], signed=False)
    found = difference_map(a, b)
    assert found is not None
    np.testing.assert_allclose(found.values, [[0.75, -0.5]])
    assert found.signed
    assert found.convergence_delta is None
    assert difference_map(a, make_map([[1.0]], signed=False)) is None
    assert difference_map(a, dataclasses.replace(b, method="other")) is None


def test_differences_are_drawn_on_the_photograph_that_both_saw() -> None:
    a = side([])
    bright = dataclasses.replace(a, seen=a.seen + np.uint8(9))
    assert backdrop(compare(a, a)) is a.seen
    assert (backdrop(compare(a, bright)) == 128).all()


def test_the_partner_of_a_layer() -> None:
    found = compare(side([layer("x", [0.1])]), side(names("z", 2)))
    pair = found.partner("z1")
    assert pair is not None
    assert pair.title == "x | z1"
    assert found.partner("z0") is None


def test_two_explanations_from_python(explained: Explanation) -> None:
    import eca_viz

    found = eca_viz.compare(explained, explained)
    assert len(found.pairs) == len(explained.attention)
    assert not layer_table(found)["distance"].any()
    assert not prediction_table(found)["points"].any()
