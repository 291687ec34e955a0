"""The parameters that a saliency method or a change of the gates declares, and their check."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eca_viz.errors import EcaVizError
from eca_viz.locale.texts import text

Parameters = Mapping[str, float]
# With the names of choices beside numbers.
Settings = Mapping[str, float | str]


@dataclass(frozen=True)
class Param:
    """A number between `low` and `high` in multiples of `step`; its `title` is a Text."""

    name: str
    title: str
    default: float
    low: float
    high: float
    step: float

    def check(self, value: float | str) -> float:
        """`value`, as int where default, `low` and `step` are whole numbers.

        Raises ValueError for text, outside [low, high], and for a fraction where a whole number
        is needed.
        """
        if isinstance(value, str):
            raise ValueError(
                text("got {name} = {value!r}; give a number", name=self.name, value=value)
            )
        if not self.low <= value <= self.high:
            raise ValueError(
                text(
                    "got {name} = {value}; {title} goes from {low} to {high}",
                    name=self.name,
                    value=value,
                    title=self.title.lower(),
                    low=self.low,
                    high=self.high,
                )
            )
        whole = all(float(n).is_integer() for n in (self.default, self.low, self.step))
        if whole and not float(value).is_integer():
            raise ValueError(
                text("got {name} = {value}; give a whole number", name=self.name, value=value)
            )
        return int(value) if whole else float(value)


@dataclass(frozen=True)
class Choice:
    """One of several names; its `title` is a Text.

    Where `layers` is set, the names of a network's attention layers are options too: `among`
    adds them. Until then, `check` accepts any text.
    """

    name: str
    title: str
    default: str
    options: tuple[str, ...]
    layers: bool = False

    def among(self, layers: Sequence[str]) -> "Choice":
        """The same choice for a network with these attention layers."""
        if not self.layers:
            return self
        return dataclasses.replace(self, options=(*self.options, *layers), layers=False)

    def check(self, value: float | str) -> str:
        """`value`; raises ValueError, which lists the options, if it is none of them."""
        if value in self.options or (self.layers and isinstance(value, str)):
            return str(value)
        options = ", ".join(self.options)
        raise ValueError(
            text(
                "got {name} = {value!r}; {title} is one of: {options}",
                name=self.name,
                value=value,
                title=self.title.lower(),
                options=options,
            )
        )


def complete(
    owner: str, params: Sequence[Param | Choice], given: Settings, error: type[EcaVizError]
) -> dict[str, Any]:
    """The checked values of all parameters.

    Args:
        owner: The name of what declares them, for the error.
        params: The declared parameters.
        given: Values by name; parameters without one get their default.
        error: The type of the error.

    Returns:
        Values by name, in the order of `params`.

    Raises:
        EcaVizError: As `error`, for a name that is not declared or a value out of range.
    """
    unknown = sorted(set(given) - {param.name for param in params})
    if unknown:
        names = ", ".join(param.name for param in params)
        raise error(
            text(
                "{owner} has no parameter {unknown}; its parameters are: {names}",
                owner=owner,
                unknown=", ".join(unknown),
                names=names or text("none"),
            )
        )
    try:
        return {p.name: p.check(given.get(p.name, p.default)) for p in params}
    except ValueError as problem:
        raise error(*problem.args) from None
