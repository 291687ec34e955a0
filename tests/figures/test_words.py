"""The room that words take."""

from eca_viz.figures.words import columns, cut, joined


def test_a_wide_character_takes_two_columns() -> None:
    assert columns("gate ω") == 6
    assert columns("门控 ω") == 6


def test_words_that_are_too_long_end_in_an_ellipsis() -> None:
    assert cut("church", 6) == "church"
    assert cut("churches", 6) == "churc…"
    assert cut("教堂建筑", 8) == "教堂建筑"
    assert cut("教堂建筑", 7) == "教堂建…"
    assert cut("教堂建筑", 6) == "教堂…"


def test_parts_on_one_line_have_a_space_between_them_but_between_wide_characters() -> None:
    assert joined(["global", "average"]) == "global average"
    assert joined(["全局", "平均"]) == "全局平均"
    assert joined(["全局", "DCT", "池化"]) == "全局 DCT 池化"
    assert joined(["", "average"]) == "average"
    assert joined([]) == ""
