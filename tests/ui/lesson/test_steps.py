"""The lesson's data: every step is whole, and leads to a place that exists."""

import pytest

from eca_viz.attention.variants import find_variant
from eca_viz.kernel_size import adaptive_kernel_size
from eca_viz.ui import state
from eca_viz.ui.lesson.step import Step
from eca_viz.ui.lesson.steps import SHORT, STEPS, find_step
from eca_viz.ui.pages import find_page

KEYS = {value for name, value in vars(state).items() if name.isupper() and isinstance(value, str)}


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.id)
def test_a_step_says_all_that_belongs_to_it(step: Step) -> None:
    notes = step.teacher
    for sentence in (step.text, step.done, notes.needs, notes.ask, notes.correction):
        assert sentence.strip().endswith((".", "?", "?*", "$$"))
        assert "  " not in sentence
    assert len(step.title) < 50
    assert find_page(step.view.page)
    if step.question is not None:
        assert len(step.question.answers) == len(set(step.question.answers)) >= 2
        assert step.question.text.endswith("?")
        right = step.question.right
        assert callable(right) or right in range(len(step.question.answers))


def test_the_short_path_is_part_of_the_long_one() -> None:
    assert len({step.id for step in STEPS}) == len(STEPS) == 16
    assert set(SHORT) < set(STEPS)
    assert [STEPS.index(step) for step in SHORT] == sorted(STEPS.index(step) for step in SHORT)
    assert find_step("gate") is STEPS[2]
    assert find_step("nothing") is find_step(None) is None


def test_the_papers_figures_are_those_of_its_tables() -> None:
    """They stand in sentences, beside the table that the figures draw."""

    def top1(name: str) -> str:
        paper = find_variant(name).paper
        assert paper is not None
        return f"{paper.top1:.2f}"

    bottleneck, interaction = find_step("bottleneck"), find_step("interaction")
    assert bottleneck is not None
    assert bottleneck.question is not None
    assert f"({top1('se_var2')} against {top1('se')})" in bottleneck.question.why
    assert interaction is not None
    assert interaction.question is not None
    assert f"{top1('se_var3')} against {top1('se_var2')}" in interaction.question.why
    gain = float(top1("se_var3")) - float(top1("se_var2"))
    assert gain == pytest.approx(1 / 3, abs=0.02)
    best_group = max(float(top1(name)) for name in ("se_gc1", "se_gc2", "se_gc3"))
    assert best_group < float(top1("se_var2"))
    assert float(top1("eca_k3")) >= float(top1("se_var3"))


def test_the_guess_of_k_follows_eq_12() -> None:
    step = find_step("adaptive")
    assert step is not None
    assert step.question is not None
    right = step.question.right
    assert isinstance(right, int)
    assert step.question.answers[right] == str(adaptive_kernel_size(512))
    assert (adaptive_kernel_size(64), adaptive_kernel_size(2048)) == (3, 7)
