"""The base of all records, and the types of their arrays.

Titles and sentences in records are Texts, so that they can be translated when they are shown; in a
record that was read from a file they are plain English.
"""

from dataclasses import fields

import numpy as np
from numpy.typing import NDArray

# Stands where else the name of a layer or of a stage does.
EVERYWHERE = "all"

Floats = NDArray[np.float32]
Pixels = NDArray[np.uint8]


class Record:
    """Its arrays become read-only, since records are shared between sessions."""

    def __post_init__(self) -> None:
        for field in fields(self):  # type: ignore[arg-type]
            value = getattr(self, field.name)
            if isinstance(value, np.ndarray):
                value.flags.writeable = False


def as_floats(values: NDArray[np.generic]) -> Floats:
    """A float32 copy of `values` that owns its memory."""
    return np.array(values, dtype=np.float32)
