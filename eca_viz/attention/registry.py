"""The mechanisms that are recognised, in the order in which they are tried."""

from torch import nn

from eca_viz.attention.mechanism import Mechanism
from eca_viz.attention.mechanisms.both import CBAM, ECA_MAX
from eca_viz.attention.mechanisms.eca import CIRCULAR_ECA, ECA
from eca_viz.attention.mechanisms.eca_mlp import ECA_MLP
from eca_viz.attention.mechanisms.eca_ns import ECA_NS
from eca_viz.attention.mechanisms.gct import GCT
from eca_viz.attention.mechanisms.global_context import GLOBAL_CONTEXT
from eca_viz.attention.mechanisms.opaque_gate import GATE
from eca_viz.attention.mechanisms.se import SE
from eca_viz.attention.mechanisms.se_gc import SE_GC
from eca_viz.attention.mechanisms.se_var1 import SE_VAR1
from eca_viz.attention.mechanisms.se_var2 import SE_VAR2
from eca_viz.attention.mechanisms.se_var3 import SE_VAR3
from eca_viz.attention.mechanisms.srm import SRM

MECHANISMS: tuple[Mechanism, ...] = (
    ECA,
    CIRCULAR_ECA,
    ECA_NS,
    SE,
    SE_VAR1,
    SE_VAR2,
    SE_VAR3,
    SE_GC,
    CBAM,
    ECA_MAX,
    ECA_MLP,
    SRM,
    GCT,
    GLOBAL_CONTEXT,
    GATE,
)

# What a layer is that takes the average and the maximum of each channel by the same modules.
_ON_BOTH: dict[str, Mechanism] = {SE.name: CBAM, ECA.name: ECA_MAX}


def recognise(module: nn.Module) -> Mechanism | None:
    """The mechanism that `module` implements by its structure alone, if any."""
    return _first(module, tentative=False)


def suppose(module: nn.Module) -> Mechanism | None:
    """The mechanism that `module` may implement, which a pass must show, if any."""
    return _first(module, tentative=True)


def _first(module: nn.Module, *, tentative: bool) -> Mechanism | None:
    fitting = (one for one in MECHANISMS if one.tentative == tentative and one.recognises(module))
    return next(fitting, None)


def on_both(mechanism: Mechanism) -> Mechanism | None:
    """The mechanism whose modules run for the average and for the maximum, None without one."""
    return _ON_BOTH.get(mechanism.name)


def find_mechanism(name: str) -> Mechanism:
    """The mechanism of this name, as records have it."""
    return next(known for known in MECHANISMS if known.name == name)
