"""What a step of the lesson consists of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from eca_viz.figures.block_picture import BlockPicture
from eca_viz.locale.texts import Text
from eca_viz.ui import cache
from eca_viz.ui.lesson.material import Material


@dataclass(frozen=True)
class Picture:
    """What a step shows: figures by key, side by side, and what they show here, as Markdown.

    All of it is in the language that is spoken where it is made.
    `titles` stand above the figures, in their order, where there are several. A `drawing` takes
    the whole width in place of figures.
    """

    figures: Mapping[str, go.Figure]
    said: str = ""
    titles: tuple[str, ...] = ()
    drawing: BlockPicture | None = None


@dataclass(frozen=True)
class Question:
    """A guess before the answer: `answers`, which of them is `right`, and why.

    Where the right answer depends on the image and the network, `right` finds it. It is not asked
    where it does not `apply`.
    """

    text: Text
    answers: tuple[str, ...]
    right: int | Callable[[Material], int]
    why: Text
    applies: Callable[[Material], bool] = lambda material: True

    def right_answer(self, material: Material) -> int:
        """The place of the right answer."""
        return self.right if isinstance(self.right, int) else self.right(material)


@dataclass(frozen=True)
class View:
    """Where a step can be played with: the title of a page, and what its address holds there.

    Both are in English, as in every address.
    """

    page: str
    label: Text
    address: Callable[[Material], Mapping[str, str]] = lambda material: {}


@dataclass(frozen=True)
class Teacher:
    """For one who teaches: what a step needs, what to ask, and what to set right."""

    needs: Text
    ask: Text
    correction: Text


@dataclass(frozen=True)
class Step:
    """One idea with one picture.

    `id` stands in the address; `text` is Markdown; `done` says in a sentence what is known after
    the step. With a `question`, the picture follows the guess. With `channels` a slider picks one
    of them, Material.chosen. The steps of the short path have `short`,
    those whose picture is below the words and not beside them `wide`. `work` is long, and done with
    its progress before the picture.
    """

    id: str
    title: Text
    text: Text
    picture: Callable[[Material], Picture]
    done: Text
    view: View
    teacher: Teacher
    question: Question | None = None
    channels: tuple[int, ...] = ()
    short: bool = False
    work: Callable[[Material], cache.Work[Any] | None] = lambda material: None
    wide: bool = False
