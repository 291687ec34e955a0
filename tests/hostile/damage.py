"""Damages files at random places: bytes are changed, left out or doubled."""

import numpy as np


def damaged(data: bytes, random: np.random.Generator, headers: slice) -> bytes:
    """A damaged copy.

    Args:
        data: The whole file.
        random: Decides what happens where.
        headers: The part in which half of the damage is.
    """
    copy = bytearray(data)
    for _ in range(random.integers(1, 8)):
        places = range(len(copy))[slice(None) if random.random() < 0.5 else headers]
        start, length = int(random.integers(places.start, places.stop)), int(random.integers(1, 9))
        changed = random.integers(0, 256, length, dtype=np.uint8).tobytes()
        what = (changed, b"", bytes(copy[start : start + length]) * 2)
        copy[start : start + length] = what[random.integers(3)]
    return bytes(copy)
