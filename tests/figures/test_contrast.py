"""Marks can be told from the page, on light and on dark ones: a contrast of 3:1 (WCAG 1.4.11)."""

import tomllib
from pathlib import Path

import pytest
from plotly.colors import unlabel_rgb, validate_colors

from eca_viz.figures import theme

LIGHT, DARK = "#ffffff", "#171614"
MARKS = {
    "accent": theme.ACCENT,
    "second": theme.SECOND,
    "low": theme.LOW,
    "neutral": theme.NEUTRAL,
    "high": theme.HIGH,
    "frames": "#888888",
    **{f"distinct {place}": colour for place, colour in enumerate(theme.DISTINCT)},
    **{f"depth {place}": colour for place, colour in enumerate(theme.along_depth(9))},
}


def luminance(colour: str) -> float:
    """Relative luminance by WCAG 2.2."""
    (rgb,) = validate_colors(colour, "rgb")
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (one / 255 for one in unlabel_rgb(rgb))
    ]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    dark, light = sorted(map(luminance, (one, other)))
    return (light + 0.05) / (dark + 0.05)


def test_the_measure_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("page", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("name", MARKS)
def test_marks_stand_out_from_the_page(name: str, page: str) -> None:
    assert contrast(MARKS[name], page) >= 3


def test_the_primary_colours_stand_out_from_their_pages() -> None:
    """They are the colour of links and of what is selected, too: text."""
    config = tomllib.loads(Path(".streamlit/config.toml").read_text(encoding="utf-8"))
    assert contrast(config["theme"]["light"]["primaryColor"], LIGHT) >= 4.5
    assert contrast(config["theme"]["dark"]["primaryColor"], DARK) >= 4.5
