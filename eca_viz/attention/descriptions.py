"""Names, titles and formulas of the mechanisms, for pages and commands that need no PyTorch."""

from typing import NamedTuple

from eca_viz.locale.texts import text


class Description(NamedTuple):
    """What a mechanism is called in code and by people, and its formula in LaTeX.

    The title is a Text unless it is a proper name.
    """

    name: str
    title: str
    formula: str


ECA = Description("eca", "ECA", r"\omega = \sigma(\mathrm{C1D}_k(y))")
CIRCULAR_ECA = Description(
    "ceca", text("ECA, circular"), r"\omega = \sigma(\mathrm{C1D}_k^{\circlearrowleft}(y))"
)
ECA_NS = Description("eca_ns", "ECA-NS", r"\omega_i = \sigma(\textstyle\sum_j w_i^j\,y_i^j)")
SE = Description("se", "SE", r"\omega = \sigma(W_2\,\delta(W_1 y))")
SE_VAR1 = Description("se_var1", "SE-Var1", r"\omega = \sigma(y)")
SE_VAR2 = Description("se_var2", "SE-Var2", r"\omega = \sigma(w \odot y)")
SE_VAR3 = Description("se_var3", text("SE-Var3 (effective SE)"), r"\omega = \sigma(W y)")
SE_GC = Description("se_gc", "SE-GC", r"\omega = \sigma(\mathrm{GC}_G(y))")
CBAM = Description(
    "cbam",
    text("CBAM, channel part"),
    r"\omega = \sigma(W_2\,\delta(W_1 y) + W_2\,\delta(W_1 m))",
)
ECA_MAX = Description(
    "eca_max",
    text("ECA on average and maximum"),
    r"\omega = \sigma(\mathrm{C1D}_k(y) + \mathrm{C1D}_k(m))",
)
ECA_MLP = Description(
    "eca_mlp",
    text("ECA with an MLP"),
    r"\omega = \sigma(\mathrm{C1D}_k(\delta(\mathrm{C1D}_1(y))))",
)
SRM = Description("srm", "SRM", r"\omega = \sigma(\mathrm{BN}(w_1 \odot y + w_2 \odot s))")
GCT = Description(
    "gct",
    "GCT",
    r"\omega = 1 + \tanh(\gamma \odot h + \beta),\;"
    r"h_i = \alpha_i y_i / \sqrt{\tfrac{1}{C}\textstyle\sum_j (\alpha_j y_j)^2 + \epsilon}",
)
GLOBAL_CONTEXT = Description(
    "global_context",
    text("Global context"),
    r"\omega = \sigma(W_2\,\delta(W_1 y)),\;"
    r"y = \textstyle\sum_p \mathrm{softmax}_p(w^\top x_p)\,x_p",
)
GATE = Description("gate", text("Channel gate"), r"\omega_c = \tilde{x}_c / x_c")

DESCRIPTIONS: tuple[Description, ...] = (
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
