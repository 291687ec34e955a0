"""The steps of the lesson, from what a channel is to what classes do to gates."""

from eca_viz.ui.lesson.of_eca import OF_ECA
from eca_viz.ui.lesson.step import Step
from eca_viz.ui.lesson.to_eca import TO_ECA

STEPS: tuple[Step, ...] = (*TO_ECA, *OF_ECA)
SHORT: tuple[Step, ...] = tuple(step for step in STEPS if step.short)


def find_step(name: str | None) -> Step | None:
    """The step with this id, None where there is none."""
    return next((step for step in STEPS if step.id == name), None)
