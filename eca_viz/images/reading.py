"""From bytes or a path to RGB pixels; every kind of bad input raises ImageError here."""

import hashlib
import io
from pathlib import Path
from typing import TypeAlias

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from eca_viz.errors import ImageError
from eca_viz.records import ImageInput, Pixels

FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF")
MAX_BYTES = 20 * 2**20
MAX_PIXELS = 50_000_000
MIN_SIDE = 8

ACCEPTED = "PNG, JPEG, WebP, BMP, GIF and TIFF are accepted"

ImageSource: TypeAlias = str | Path | bytes | Image.Image | Pixels | ImageInput


def read_image(source: ImageSource, name: str | None = None) -> ImageInput:
    """The image in a path, in encoded bytes, in a PIL image or in an RGB uint8 array.

    Content decides the format, not the name; of several frames the first is taken. EXIF
    orientation is applied, transparency laid on white, greyscale, palette, CMYK and
    16-bit brought to 8-bit RGB; colour profiles are ignored. Raises ImageError with one
    sentence for anything else, for more than 20 MB or 50 megapixels (found before
    anything is decoded) and for a side under 8 pixels.
    """
    if isinstance(source, ImageInput):
        return source
    if isinstance(source, np.ndarray):
        return _from_array(source, name or "array")
    if isinstance(source, Image.Image):
        image = _decode(source, name or "image")
        return ImageInput(name or "image", _pixel_digest(image), image)
    if isinstance(source, bytes):
        data, name = source, name or "image"
    elif isinstance(source, str | Path):
        data, name = _read_file(Path(source), name)
    else:
        raise ImageError(
            f"got {type(source).__name__}; give a path, the bytes of a file, a PIL image or an "
            "RGB uint8 array"
        )
    _check_size(len(data), name)
    return ImageInput(name, hashlib.sha256(data).hexdigest(), _decode(_open(data, name), name))


def _read_file(path: Path, name: str | None) -> tuple[bytes, str]:
    name = name or path.name
    try:
        _check_size(path.stat().st_size, name)
        return path.read_bytes(), name
    except OSError as error:
        raise ImageError(
            f"{path} cannot be read ({error.strerror}); give the path of an image"
        ) from error


def _check_size(size: int, name: str) -> None:
    if size == 0:
        raise ImageError(f"{name} is empty; {ACCEPTED}")
    if size > MAX_BYTES:
        raise ImageError(
            f"{name} has {size / 2**20:.1f} MB and at most {MAX_BYTES // 2**20} MB are accepted; "
            "save it smaller"
        )


def _open(data: bytes, name: str) -> Image.Image:
    """Reads the header only."""
    try:
        return Image.open(io.BytesIO(data), formats=FORMATS)
    except UnidentifiedImageError as error:
        raise ImageError(f"{name} is not an image that can be read; {ACCEPTED}") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ImageError(_too_large(name)) from error
    except Exception as error:  # a decoder may raise anything on a damaged header
        raise ImageError(f"{name} is damaged and cannot be read; {ACCEPTED}") from error


def _too_large(name: str) -> str:
    return (
        f"{name} has more than {MAX_PIXELS // 10**6} megapixels, the most that is accepted; "
        "save it smaller"
    )


def _decode(image: Image.Image, name: str) -> Pixels:
    _check_sides(image.width, image.height, name)
    try:
        image.load()
        return np.array(_to_rgb(_upright(image)), dtype=np.uint8)
    except Exception as error:  # a decoder may raise anything on damaged data
        raise ImageError(f"{name} is damaged or incomplete; {ACCEPTED}") from error


def _check_sides(width: int, height: int, name: str) -> None:
    if width * height > MAX_PIXELS:
        raise ImageError(_too_large(name))
    if min(width, height) < MIN_SIDE:
        raise ImageError(
            f"{name} is {width} × {height} pixels and at least {MIN_SIDE} × {MIN_SIDE} are needed; "
            "take a larger image"
        )


def _upright(image: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # unreadable EXIF does not concern the pixels
        return image


def _to_rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith(("I", "F")):
        image = _to_eight_bits(image)
    if image.has_transparency_data:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(white, image).convert("RGB")
    return image.convert("RGB")


def _to_eight_bits(image: Image.Image) -> Image.Image:
    """Greyscale deeper than 8 bits: floats as 0 to 1, integers as 0 to 65,535."""
    values = np.nan_to_num(np.asarray(image, dtype=np.float32))
    full = np.float32(1 if image.mode.startswith("F") else 65_535)
    return Image.fromarray(np.rint(np.clip(values / full, 0, 1) * 255).astype(np.uint8))


def _from_array(pixels: Pixels, name: str) -> ImageInput:
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3:
        raise ImageError(
            f"got an array of {pixels.dtype} with shape {pixels.shape}; "
            "give RGB pixels as uint8 (H, W, 3)"
        )
    _check_sides(pixels.shape[1], pixels.shape[0], name)
    copy = pixels.copy()
    return ImageInput(name, _pixel_digest(copy), copy)


def _pixel_digest(pixels: Pixels) -> str:
    digest = hashlib.sha256(repr(pixels.shape).encode())
    digest.update(np.ascontiguousarray(pixels).data)
    return digest.hexdigest()
