"""From pixels to PNG and JPEG."""

import base64
import io
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
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


def jpeg_url(pixels: Pixels, side: int) -> str:
    """Pixels as a JPEG in a data URL, no side longer than `side`."""
    image, buffer = Image.fromarray(pixels), io.BytesIO()
    image.thumbnail((side, side))
    image.save(buffer, format="JPEG", quality=88)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode()


def indexed_url(indices: NDArray[np.uint8], palette: NDArray[np.uint8]) -> str:
    """Indices (h, w) into the colours of a palette (256, 3) as a PNG in a data URL."""
    image, buffer = Image.fromarray(indices), io.BytesIO()
    image.putpalette(palette.tobytes())
    image.save(buffer, format="PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()
