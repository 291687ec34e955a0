"""The drawing of the block shows the numbers that it is given, and nothing that breaks it."""

import dataclasses
import re
from xml.etree import ElementTree

import numpy as np
import pytest

from eca_viz import figures
from eca_viz.figures import theme
from eca_viz.figures.block import marks
from eca_viz.figures.block.gate import HALF
from eca_viz.records import as_floats
from tests.figures.block_cases import (
    CASES,
    MAP,
    OF_VALUES,
    OWN,
    M,
    Y,
    drawn,
    record_of,
)

SVG = "{http://www.w3.org/2000/svg}"
each = pytest.mark.parametrize("title", CASES)


def root_of(picture: figures.BlockPicture) -> ElementTree.Element:
    return ElementTree.fromstring(picture.svg)


def number(text: str) -> np.float32:
    return np.float32(text.replace("−", "-"))


def hovers(root: ElementTree.Element) -> dict[str, np.float32]:
    """What boxes and points say: a name and its number."""
    found = [title.text.rpartition(" = ") for title in root.iter(f"{SVG}title")]
    return {name: number(value) for name, _, value in found if name and "," not in name}


def cells(root: ElementTree.Element) -> list[np.ndarray]:
    """The values of both maps, as their cells say them."""
    maps = []
    for group in root.iter(f"{SVG}g"):
        told = [path.findtext(f"{SVG}title") for path in group.findall(f"{SVG}path")]
        read = [re.fullmatch(r"\((\d+), (\d+)\) (\S+)", text) for text in told if text]
        if read:
            shape = int(read[-1][1]) + 1, int(read[-1][2]) + 1
            assert [(int(one[1]), int(one[2])) for one in read] == list(np.ndindex(shape))
            maps.append(np.reshape([number(one[3]) for one in read], shape))
    return maps


def words(root: ElementTree.Element) -> list[str]:
    return [text.text or "" for text in root.iter(f"{SVG}text")]


@each
def test_numbers_are_those_of_the_records(title: str) -> None:
    one = CASES[title]
    root = root_of(drawn(one))
    said, terms = hovers(root), one.terms
    assert said["logit z"] == np.float32(one.logit)
    assert said["gate ω"] == np.float32(one.weight)
    name = "h" if one.bottleneck else "channel"
    values = "h" if one.bottleneck else "y + m" if one.of_maximum else "y"
    keys = [f"{name} {index}: " for index in terms.indices]
    if terms.names:
        keys = [f"{what} of {key}" for what, key in zip(terms.names, keys, strict=True)]
        values = "value"
    shown = [place for place, key in enumerate(keys) if f"{key}{values}" in said]
    for place in shown:
        key = keys[place]
        assert said[f"{key}{values}"] == terms.values[place]
        what = tuple(f"{key}{word}" for word in ("tap", "weight", "coefficient"))
        coefficient = [said[one] for one in said if one.startswith(what)]
        assert coefficient == ([] if title == "SE-Var1" else [terms.coefficients[place]])
    products = [value for key, value in said.items() if key.endswith(": product")]
    padded = (terms.indices < 0).sum()
    if title == "SE-Var1":
        assert products == []
    elif len(terms.values) <= 9:
        assert len(shown) == len(terms.values) - padded
        assert sum(map(float, products)) == pytest.approx(one.logit, abs=1e-5)
    else:
        assert 7 <= len(shown) <= 8
        assert f"… and {len(terms.values) - len(shown)} more" in words(root)
        assert sum(map(float, products)) == pytest.approx(one.logit, abs=1e-5)
        assert one.channel in terms.indices[shown]
    texts = words(root)
    for value in (one.logit, one.weight, *terms.values[shown]):
        assert marks.short(float(value)) in texts


@each
def test_maps_are_those_before_and_behind_the_gate(title: str) -> None:
    before, after = cells(root_of(drawn(CASES[title])))
    np.testing.assert_array_equal(before, MAP)
    np.testing.assert_allclose(after, MAP * CASES[title].weight, atol=6e-5)


@pytest.mark.parametrize(
    ("shape", "expected"),
    [((14, 14), (14, 14)), ((56, 44), (14, 11)), ((16, 31), (8, 14)), ((112, 1), (14, 1))],
)
def test_a_large_map_is_averaged_and_says_so(
    shape: tuple[int, int], expected: tuple[int, int]
) -> None:
    large = as_floats(np.random.default_rng(1).normal(size=shape))
    picture = drawn(CASES["ECA"], large)
    before, _ = cells(root_of(picture))
    assert before.shape == expected
    if all(size % count == 0 for size, count in zip(shape, expected, strict=True)):
        parts = large.reshape(expected[0], shape[0] // expected[0], expected[1], -1)
        np.testing.assert_allclose(before, parts.mean((1, 3)), rtol=1e-5)
        assert before.mean() == pytest.approx(large.mean(), abs=1e-6)
    whole = "{} × {}".format(*shape)
    said = "The map's {} values are drawn as the means of {} × {} parts.".format(whole, *expected)
    assert (said in picture.caption) == (shape != expected)
    assert any(whole in text for text in words(root_of(picture)))


@pytest.mark.parametrize("shape", [(9,), (5, 4, 3)])
def test_sequences_and_volumes_are_drawn_flat(shape: tuple[int, ...]) -> None:
    whole = as_floats(np.random.default_rng(1).normal(size=shape))
    before, _ = cells(root_of(drawn(CASES["SE"], whole)))
    flat = whole[None] if len(shape) == 1 else whole.mean(0)
    np.testing.assert_allclose(before, flat, rtol=1e-6)


def test_each_mechanism_has_its_own_form() -> None:
    texts = {title: words(root_of(drawn(one))) for title, one in CASES.items()}
    assert texts["ECA at the edge"].count("padding") == 2
    assert texts["circular ECA"].count("padding") == 0
    assert {"↻ 62", "↻ 63"} <= set(texts["circular ECA"])
    assert "tap" in texts["ECA-NS"]
    assert "bias" in texts["ECA with a bias"]
    assert "hard sigmoid" in texts["ECA with a hard sigmoid"]
    assert "h = δ(W₁y), δ = ReLU: 64 channels → 4 values" in texts["SE"]
    assert "h = δ(W₁y) + δ(W₁m), δ = ReLU: 64 channels → 4 values" in texts["CBAM"]
    for title in ("CBAM", "ECA on both"):
        assert f"y = {marks.short(Y[OWN])}" in texts[title]
        assert f"m = {marks.short(M[OWN])}" in texts[title]
    assert "weight" not in texts["SE-Var1"]
    assert "weight" in texts["SE-Var2"]
    assert [title for title, found in texts.items() if "Σ" not in found] == ["SE-Var1", "SE-Var2"]
    dashed = root_of(drawn(CASES["ECA at the edge"])).iter(f"{SVG}rect")
    assert sum("stroke-dasharray" in one.attrib for one in dashed) == 2


@pytest.mark.parametrize(
    ("pooling", "lines"),
    [
        ("maximum", ("global", "maximum", "pooling")),
        ("DCT", ("global", "DCT", "pooling")),
        ("half of each", ("mean\N{NO-BREAK SPACE}of", "average,", "maximum")),
    ],
)
def test_the_pooling_is_named(pooling: str, lines: tuple[str, ...]) -> None:
    for title in ("ECA", "SE"):
        one = CASES[title]
        record = dataclasses.replace(record_of(one.mechanism, one.weight), pooling=pooling)
        found = words(root_of(figures.block_picture(one, record, MAP)))
        expected = set(lines) if title == "ECA" else {" ".join(lines[:2]), lines[2]}
        assert expected <= set(found)


@each
def test_it_is_legible_on_every_page(title: str) -> None:
    picture = drawn(CASES[title])
    root = root_of(picture)
    left, top, width, height = map(float, root.attrib["viewBox"].split())
    assert float(root.attrib["font-size"]) * 1100 / width >= 14
    assert [one for one in root.iter() if "font-size" in one.attrib] == [root]
    assert root.attrib["font-family"] == theme.FONT
    assert root.attrib["fill"] == "currentColor"
    assert not {"style", "script", "image", "foreignObject"} & {
        one.tag.removeprefix(SVG) for one in root.iter()
    }
    for one in root.iter(f"{SVG}rect"):
        assert one.attrib.get("fill") != "#ffffff"
    for one in root.iter(f"{SVG}text"):
        assert left <= float(one.attrib["x"]) <= left + width
        assert top + marks.TEXT * 0.7 <= float(one.attrib["y"]) <= height - 4
    assert len(picture.svg) < 40_000


@each
def test_it_is_described(title: str) -> None:
    one = CASES[title]
    picture = drawn(one)
    root = root_of(picture)
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-label"] == root.findtext(f"{SVG}desc")
    assert picture.alt in root.attrib["aria-label"]
    assert f"logit z = {marks.short(one.logit)}" in picture.alt
    assert f"gate ω = {marks.short(one.weight)}," in picture.alt
    assert picture.caption.startswith("Look ")
    assert " not " in picture.caption


def test_names_from_outside_stay_text() -> None:
    name = "a\"><script>alert('1')</script>&amp;\x00\x0b</svg>"
    one = dataclasses.replace(CASES["SE"], layer=name)
    middle = dataclasses.replace(one.bottleneck, activation="<b>&")
    picture = drawn(dataclasses.replace(one, bottleneck=middle))
    root = root_of(picture)
    assert "<script>alert('1')</script>&amp;\ufffd\ufffd</svg>" in root.attrib["aria-label"]
    assert any("δ = <b>&:" in text for text in words(root))
    assert not list(root.iter(f"{SVG}script"))


def test_numbers_that_are_not_finite_are_drawn_as_text() -> None:
    nothing = dataclasses.replace(CASES["ECA"], logit=float("nan"), weight=float("nan"))
    root = root_of(drawn(nothing, as_floats(np.full((3, 3), np.nan))))
    assert words(root).count("nan") == 2
    places = [
        value for one in root.iter() for key, value in one.attrib.items() if key != "aria-label"
    ]
    assert not [value for value in places if "nan" in value]


def test_the_gates_number_stands_out_from_its_colour() -> None:
    def light(colour: str) -> float:
        parts = np.array([int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)])
        linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
        return float(linear @ (0.2126, 0.7152, 0.0722))

    for gate in np.linspace(0, 1, 33):
        colour = marks.gate_colour(float(gate), (0.0, 1.0))
        low, high = sorted((light(colour), light(marks.ink_on(colour))))
        assert (high + 0.05) / (low + 0.05) >= 4.5
    assert marks.gate_colour(0.4, (0.4, 0.9)) == marks.gate_colour(0.0, (0.0, 1.0))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (-0.12345, "−0.1235"),
        (12.3456, "12.346"),
        (-1234.56, "−1234.6"),
        (123456.0, "1.2e+05"),
        (-0.00001, "−1.0e−05"),
    ],
)
def test_numbers_are_short(value: float, text: str) -> None:
    assert marks.short(value) == text


def test_a_large_map_makes_no_large_drawing() -> None:
    large = as_floats(np.random.default_rng(1).normal(size=(56, 56)))
    assert len(drawn(CASES["SE-Var3"], large).svg) < 50_000


def test_a_gate_up_to_2_lies_on_its_own_curve() -> None:
    """1 + tanh goes from 0 to 2; the point lies where its height is that share of the axis."""
    one = OF_VALUES["GCT"]
    words = [text.text for text in root_of(drawn(one)).iter() if text.tag.endswith("}text")]
    assert "2" in words
    assert "share" in words
    assert "σ" not in words
    (dot,) = [mark for mark in root_of(drawn(one)).iter() if mark.get("r") == "7"]
    line = next(
        mark for mark in root_of(drawn(one)).iter() if mark.get("stroke-dasharray") == "4 3"
    )
    low = float(line.get("points", "").split()[0].split(",")[1])
    assert low - float(dot.get("cy", 0)) == pytest.approx(2 * HALF * one.weight / 2, abs=0.1)


def test_deviations_stand_beside_the_averages() -> None:
    words = [text.text for text in root_of(drawn(OF_VALUES["SRM"])).iter()]
    assert "global average" in words
    assert "and deviation" in words
    assert any(word and word.startswith("s = ") for word in words)
