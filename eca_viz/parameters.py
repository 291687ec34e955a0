"""Numbers that a method or a change declares, so that every door can ask for them alike."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from eca_viz.errors import EcaVizError

Parameters = Mapping[str, float]


@dataclass(frozen=True)
class Param:
    """A number between `low` and `high` in multiples of `step`."""

    name: str
    title: str
    default: float
    low: float
    high: float
    step: float

    def check(self, value: float) -> float:
        """`value`, as int where the parameter counts something; raises ValueError outside."""
        if not self.low <= value <= self.high:
            raise ValueError(
                f"got {self.name} = {value}; {self.title.lower()} goes from {self.low} to "
                f"{self.high}"
            )
        whole = all(float(n).is_integer() for n in (self.default, self.low, self.step))
        if whole and not float(value).is_integer():
            raise ValueError(f"got {self.name} = {value}; give a whole number")
        return int(value) if whole else float(value)


def complete(
    owner: str, params: Sequence[Param], given: Parameters, error: type[EcaVizError]
) -> dict[str, float]:
    """All of `params`, with the defaults for those not given.

    Raises `error` for a name that `owner` does not have and for a value out of range.
    """
    unknown = sorted(set(given) - {param.name for param in params})
    if unknown:
        names = ", ".join(param.name for param in params) or "none"
        raise error(f"{owner} has no parameter {', '.join(unknown)}; its parameters are: {names}")
    try:
        return {p.name: p.check(given.get(p.name, p.default)) for p in params}
    except ValueError as problem:
        raise error(str(problem)) from None
