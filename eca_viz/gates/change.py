"""A change of the gates in text form: which kind, where, and with which numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from numpy.typing import ArrayLike

from eca_viz.attention.discovery import AttentionLayer
from eca_viz.errors import GateError
from eca_viz.gates.kinds import MOST_TAPS, find_kind
from eca_viz.locale.texts import text
from eca_viz.records.base import EVERYWHERE
from eca_viz.settings import Param, Parameters, complete


@dataclass(frozen=True)
class GateChange:
    """A kind of change and where: "all", a stage such as "layer4", or a layer by its name.

    Its text is `where:kind=number,number`, the form that the command line and the address
    bar use. Raises GateError for an unknown kind and for numbers out of range.

    >>> str(eca_viz.GateChange("ones", "layer4"))
    'layer4:ones'
    """

    kind: str
    where: str = EVERYWHERE
    # A mapping cannot be hashed; equal changes agree in the other two fields as well.
    parameters: Parameters = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        kind = find_kind(self.kind)
        if kind.many is None:
            numbers = complete(kind.name, kind.params, self.parameters, GateError)
        else:
            numbers = _many(kind.name, kind.many, self.parameters)
        object.__setattr__(self, "parameters", numbers)

    def __str__(self) -> str:
        numbers = ",".join(f"{value:.9g}" for value in self.parameters.values())
        return f"{self.where}:{self.kind}" + (f"={numbers}" if numbers else "")

    def matches(self, layer: AttentionLayer) -> bool:
        """Whether it is meant for this layer."""
        return self.where in {EVERYWHERE, layer.stage, layer.name}


Changes = str | GateChange | Sequence[str | GateChange]


class Intervention(NamedTuple):
    """Changes in their order, and each layer's mean gates (C,) by name where one needs them."""

    changes: tuple[GateChange, ...] = ()
    reference: Mapping[str, ArrayLike] | None = None


def parse_change(written: str) -> GateChange:
    """A change from its text; without `where:` it is for all layers.

    Numbers that are left out have their defaults. Raises GateError with what is accepted.

    >>> parse_change("layer4.1.eca:channel=17,0").parameters
    {'index': 17, 'value': 0.0}
    """
    where, _, what = written.strip().rpartition(":")
    name, _, given = what.partition("=")
    kind = find_kind(name.strip())
    try:
        numbers = [float(number) for number in given.split(",")] if given.strip() else []
    except ValueError:
        raise GateError(
            text("got {change!r}; give numbers with commas between after the =", change=written)
        ) from None
    if kind.many is not None:
        parameters = {str(place): number for place, number in enumerate(numbers)}
        return GateChange(kind.name, where.strip() or EVERYWHERE, parameters)
    if len(numbers) > len(kind.params):
        names = ", ".join(param.name for param in kind.params)
        raise GateError(
            text(
                "got {change!r}; {kind} takes these numbers: {names}",
                change=written,
                kind=kind.name,
                names=names or text("none"),
            )
        )
    parameters = dict(zip((param.name for param in kind.params), numbers, strict=False))
    return GateChange(kind.name, where.strip() or EVERYWHERE, parameters)


def _many(kind: str, value: Param, given: Parameters) -> dict[str, float]:
    """An odd number of values, each checked; raises GateError for any other number."""
    if len(given) % 2 == 0 or len(given) > MOST_TAPS:
        raise GateError(
            text(
                "got {count} values for {kind}; give an odd number of them, up to {most}, such as "
                "{kind}=0.1,0.8,0.1",
                count=len(given),
                kind=kind,
                most=MOST_TAPS,
            )
        )
    try:
        return {name: float(value.check(number)) for name, number in given.items()}
    except ValueError as error:
        raise GateError(*error.args) from None


def as_changes(changes: Changes) -> tuple[GateChange, ...]:
    """One change or several, as text or not."""
    given = (changes,) if isinstance(changes, str | GateChange) else changes
    return tuple(parse_change(one) if isinstance(one, str) else one for one in given)
