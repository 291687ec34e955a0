"""Runs of the ablation, and what the runs of a mechanism have in common."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """A finished run: a variant trained with a seed, and its accuracy on validation images.

    `recipe` is the digest of the settings that all runs share; `top1` and `top5` are shares in
    [0, 1] of `images`; `parameters` counts the whole network, `attention_parameters` its
    attention layers; `seconds` is the wall-clock time of the training.
    """

    recipe: str
    mechanism: str
    seed: int
    top1: float
    top5: float
    images: int
    parameters: int
    attention_parameters: int
    seconds: float
    torch: str


@dataclass(frozen=True)
class Summary:
    """All runs of one mechanism.

    `top1`, `top5` and `seconds` are means over `runs` runs, `spread` the standard deviation
    of top-1 between seeds, None with one. `difference` is top-1 less the reference's, mean over
    the `pairs` of runs with the same seed, None without a pair; `p_value` that of the paired
    t-test that it is 0, None with fewer than two pairs. Both are None for the reference itself.
    """

    mechanism: str
    runs: int
    top1: float
    spread: float | None
    top5: float
    parameters: int
    attention_parameters: int
    seconds: float
    pairs: int
    difference: float | None
    p_value: float | None
