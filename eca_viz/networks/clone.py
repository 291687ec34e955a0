"""A private copy of a network that shares the tensors."""

import copy
from collections import OrderedDict
from types import NoneType
from typing import Any, TypeVar, cast

from torch import nn

M = TypeVar("M", bound=nn.Module)

_ATOMS = frozenset({NoneType, bool, int, float, str, type})
_CONTAINERS = frozenset({dict, OrderedDict, set, list})
_SEQUENCES = frozenset({tuple, list})


def clone(module: M) -> M:
    """A copy of the module tree whose parameters and buffers are the same tensors.

    Hooks and replaced submodules of the copy stay on the copy. A module that occurs twice
    occurs twice in the copy. The result is that of `copy.deepcopy` with the tensors in its
    memo, but sooner: most of what a module holds are numbers and empty hook tables, which
    need no deep copy.
    """
    memo: dict[int, Any] = {id(None): None}
    pairs = []
    for original in module.modules():
        private = type(original).__new__(type(original))
        memo[id(original)] = private
        pairs.append((original, private))
        for tensors in (original._parameters, original._buffers):
            memo.update((id(tensor), tensor) for tensor in tensors.values())
    for original, private in pairs:
        _copy_state(original.__dict__, private.__dict__, memo)
    return cast(M, memo[id(module)])


def _copy_state(given: dict[str, Any], state: dict[str, Any], memo: dict[int, Any]) -> None:
    state.update(given)
    for name, value in given.items():
        kind = type(value)
        if kind in _ATOMS:
            continue
        if not value and kind in _CONTAINERS:
            state[name] = kind()
        elif name in {"_parameters", "_buffers"}:
            state[name] = value.copy()
        elif name == "_modules":
            state[name] = {key: memo[id(child)] for key, child in value.items()}
        elif kind not in _SEQUENCES or not _ATOMS.issuperset(map(type, value)):
            state[name] = copy.deepcopy(value, memo)
        elif kind is list:
            state[name] = value.copy()
