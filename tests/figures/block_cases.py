"""A channel's steps in each mechanism, and their drawing, for tests of the block."""

from collections.abc import Mapping

import numpy as np

from eca_viz import figures
from eca_viz.records import Bottleneck, ChannelSteps, LayerAttention, Terms, as_floats

C, OWN, MIDDLE = 64, 5, 4
RANDOM = np.random.default_rng(7)
Y, M = (as_floats(RANDOM.normal(size=C)) for _ in range(2))
MAP = as_floats(RANDOM.normal(size=(7, 6)))


def record_of(mechanism: str, weight: float, *, maximum: bool = False) -> LayerAttention:
    gates = as_floats(np.full((1, C), weight))
    return LayerAttention(
        layer="layer1.0.eca",
        stage="layer1",
        order=0,
        mechanism=mechanism,
        channels=C,
        kernel_size=None,
        reduction=None,
        width=None,
        taps=None,
        descriptor=Y[None],
        logits=gates,
        weights=gates,
        verified="formula",
        deviation=as_floats(np.abs(Y))[None] if mechanism == "srm" else None,
        maximum=M[None] if maximum else None,
    )


def terms_of(places: range, values: np.ndarray, *, wraps: bool = False, bias: float = 0.0) -> Terms:
    at = np.array(places)
    inside = (at >= 0) & (at < len(values))
    indices = at % len(values) if wraps else np.where(inside, at, -1)
    coefficients = as_floats(RANDOM.normal(size=len(at)))
    return Terms(
        at, indices, as_floats(np.where(indices >= 0, values[indices], 0)), coefficients, bias
    )


def bottleneck_of(values: np.ndarray) -> Bottleneck:
    weight = as_floats(RANDOM.normal(size=(MIDDLE, C)))
    sums = as_floats(weight @ values)
    return Bottleneck(
        weight, as_floats(np.zeros(MIDDLE)), sums, as_floats(np.maximum(sums, 0)), "ReLU"
    )


def steps_of(mechanism: str, terms: Terms, channel: int = OWN, **more: object) -> ChannelSteps:
    logit = terms.total
    activated = {"1 + tanh": 1 + np.tanh(logit)}
    weight = float(activated.get(str(more.get("activation")), 1 / (1 + np.exp(-logit))))
    whole = {"bottleneck": None, "activation": "sigmoid", **more}
    return ChannelSteps(
        "layer1.0.eca", channel, mechanism, terms, logit=logit, weight=weight, **whole
    )


def of_bottlenecks(mechanism: str, *values: np.ndarray) -> ChannelSteps:
    found = [bottleneck_of(one) for one in values]
    terms = terms_of(range(MIDDLE), np.sum([one.values for one in found], axis=0), bias=0.5)
    more = {"of_maximum": True, "bottleneck_of_maximum": found[1]} if len(found) > 1 else {}
    return steps_of(mechanism, terms, bottleneck=found[0], **more)


def var1() -> ChannelSteps:
    alone = Terms(np.array([OWN]), np.array([OWN]), Y[OWN : OWN + 1], as_floats(np.ones(1)), 0.0)
    return steps_of("se_var1", alone)


CASES: Mapping[str, ChannelSteps] = {
    "ECA": steps_of("eca", terms_of(range(3, 8), Y)),
    "ECA at the edge": steps_of("eca", terms_of(range(-2, 3), Y), 0),
    "ECA with a bias": steps_of("eca", terms_of(range(4, 7), Y, bias=0.25)),
    "ECA, k = 13": steps_of("eca", terms_of(range(-1, 12), Y)),
    "ECA with a hard sigmoid": steps_of("eca", terms_of(range(4, 7), Y), activation="hard sigmoid"),
    "circular ECA": steps_of("ceca", terms_of(range(-2, 3), Y, wraps=True), 0),
    "ECA-NS": steps_of("eca_ns", terms_of(range(61, 66), Y), 63),
    "SE": of_bottlenecks("se", Y),
    "SE-Var1": var1(),
    "SE-Var2": steps_of("se_var2", terms_of(range(OWN, OWN + 1), Y)),
    "SE-Var3": steps_of("se_var3", terms_of(range(C), Y)),
    "SE-GC": steps_of("se_gc", terms_of(range(16), Y)),
    "CBAM": of_bottlenecks("cbam", Y, M),
    "ECA on both": steps_of("eca_max", terms_of(range(4, 7), as_floats(Y + M)), of_maximum=True),
}


def of_values(mechanism: str, names: tuple[str, ...], **more: object) -> ChannelSteps:
    """A sum of values that are made of the channel's descriptors."""
    count = len(names)
    places = OWN - 1 + np.arange(count) % 3 if len(set(names)) < count else np.full(count, OWN)
    terms = Terms(places, places, Y[:count], as_floats(np.linspace(-1, 1.5, count)), 0.25, names)
    return steps_of(mechanism, terms, **more)


OF_VALUES: Mapping[str, ChannelSteps] = {
    "SRM": of_values("srm", ("average", "deviation")),
    "GCT": of_values("gct", ("share",), activation="1 + tanh"),
    "ecam": of_values("eca_mlp", ("h0", "h0", "h0", "h1", "h1", "h1")),
}
CASES = {**CASES, **OF_VALUES}


def drawn(one: ChannelSteps, feature_map: np.ndarray = MAP) -> figures.BlockPicture:
    record = record_of(one.mechanism, one.weight, maximum=one.of_maximum)
    return figures.block_picture(one, record, feature_map)
