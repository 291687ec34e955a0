"""What mechanisms share whose layers are tried as of unknown structure, and then explained."""

from torch import nn

from eca_viz.attention.mechanism import LayerT, MechanismBase, Probe, Probes

EPSILON = 1e-5


class TentativeMechanism(MechanismBase[LayerT]):
    """Its layers are read by input and output; a pass shows whether the formula holds beside.

    Descriptors are computed from the whole input, since no module takes them in all spellings.
    """

    tentative = True

    def probes(self, module: nn.Module) -> Probes:
        gate = self.known_parts(module).sigmoid
        return Probes(Probe(module, "input"), Probe(gate, "input"), Probe(module, "output"))


def epsilon_of(module: nn.Module) -> float:
    """The small number that a layer adds under a root: its own, or 1e-5."""
    found = (getattr(module, name, None) for name in ("epsilon", "eps"))
    return next((value for value in found if isinstance(value, float)), EPSILON)
