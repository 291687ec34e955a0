"""What the next step will show, computed in a thread while the step at hand is read."""

import threading
from contextlib import suppress

from eca_viz.errors import EcaVizError
from eca_viz.ui import engine
from eca_viz.ui.lesson.material import Material
from eca_viz.ui.lesson.step import Step

# Gates of a layer whose effects are measured ahead.
MOST_GATES = 512
LATER = 0.5  # seconds, in which the browser draws the step at hand
_working = threading.Lock()  # one thread at a time: another would take the page's processor


def prepare(step: Step | None, material: Material) -> None:
    """Soon begins to compute a step's picture, whose parts are kept.

    Args:
        step: the next one, None at the end.
        material: of the step at hand.
    """
    long = step is not None and step.work(material) is not None
    if long and material.explanation.attention[-1].channels > MOST_GATES:
        return  # what takes seconds shows its progress instead
    if step is not None and engine.loaded() and _working.acquire(blocking=False):
        timer = threading.Timer(LATER, _compute, (step, material))
        timer.daemon = True
        timer.start()


def _compute(step: Step, material: Material) -> None:
    try:
        with suppress(EcaVizError):  # said where it is shown
            step.picture(material)
    finally:
        _working.release()
