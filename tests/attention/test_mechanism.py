"""Raw values of any layout become (N, C), and what a mechanism has without own code."""

import pytest
import torch
from torch import nn

from eca_viz.attention.mechanism import (
    Mechanism,
    MechanismBase,
    Mixing,
    Parts,
    Probe,
    Reading,
)
from eca_viz.attention.mechanisms.opaque_gate import GATE
from eca_viz.attention.registry import MECHANISMS


@pytest.mark.parametrize(
    "mechanism", [one for one in MECHANISMS if one is not GATE], ids=lambda one: one.name
)
def test_a_module_of_another_kind_is_refused(mechanism: Mechanism) -> None:
    module = nn.Linear(2, 2)
    assert not mechanism.recognises(module)
    for method in (mechanism.probes, mechanism.mixing):
        with pytest.raises(TypeError) as refused:
            method(module)
        assert str(refused.value) == f"Linear is not built like a layer of {mechanism.title}"


def test_parts_are_enough_for_a_mechanism() -> None:
    mix, sigmoid = nn.Linear(3, 3), nn.Sigmoid()
    layer = nn.Sequential(mix, sigmoid)

    class Plain(MechanismBase[nn.Linear]):
        name, title, formula = "plain", "Plain", "z"

        def parts(self, module: nn.Module) -> Parts[nn.Linear] | None:
            return Parts(mix, mix, sigmoid) if module is layer else None

    plain = Plain()
    assert plain.recognises(layer)
    assert plain.mixing(layer) == Mixing(mix, mix)
    assert plain.probes(layer) == (
        Probe(mix, "input"),
        Probe(sigmoid, "input"),
        Probe(sigmoid, "output"),
    )
    found = (plain.taps(layer), plain.reduction(layer), plain.circular(layer))
    assert found == (None, None, None)
    assert plain.row(layer, 0, 3) is plain.squeeze(layer, torch.zeros(3)) is None
    raw = Reading(torch.zeros(2, 1, 5), torch.zeros(2, 5, 1, 1), torch.zeros(2, 5))
    assert [value.shape for value in plain.read(layer, raw)[:3]] == [(2, 5)] * 3
    given = torch.arange(6.0).reshape(2, 3, 1)
    assert torch.equal(plain.spread(layer, plain.descriptor(layer, given), given), given)
    assert torch.equal(plain.logits(layer, raw.weights[:, :3]), mix(raw.weights[:, :3]))
