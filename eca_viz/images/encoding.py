"""From pixels to PNG."""

import base64
import io
from functools import lru_cache

import numpy as np
from PIL import Image

from eca_viz.records import Pixels

KEPT = 4


def data_url(pixels: Pixels) -> str:
    """Pixels as a PNG in a data URL."""
    return _source(pixels.tobytes(), pixels.shape)


@lru_cache(KEPT)
def _source(data: bytes, shape: tuple[int, ...]) -> str:
    """Cached, since every click draws the same image again."""
    pixels = np.frombuffer(data, np.uint8).reshape(shape)
    return "data:image/png;base64," + base64.b64encode(png(pixels)).decode()


def png(pixels: Pixels) -> bytes:
    """Pixels as a PNG."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format="PNG")
    return buffer.getvalue()
