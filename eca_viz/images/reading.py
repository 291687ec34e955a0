"""From bytes or a path to RGB pixels; every kind of bad input raises ImageError here."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import numpy as np
from PIL import Image

from eca_viz.errors import ImageError
from eca_viz.images import bounded, decoding
from eca_viz.images.decoding import MAX_PIXELS, MAX_SIDE, MIN_SIDE, Kind, RefusedError
from eca_viz.locale.plain_text import escaped
from eca_viz.locale.texts import Text, text
from eca_viz.records import ImageInput, Pixels
from eca_viz.storage.regular_file import open_file

MAX_BYTES = 20 * 2**20

_NAMES = text("PNG, JPEG, WebP, BMP, GIF, TIFF, AVIF")
ACCEPTED = text("{formats} and HEIC are accepted", formats=_NAMES)
# What a file chooser says.
LIMITS_TEXT = text(
    "{formats} or HEIC, up to {megabytes} MB and {megapixels} megapixels each; more than {side:,} "
    "pixels on a side are scaled down.",
    formats=_NAMES,
    megabytes=MAX_BYTES // 2**20,
    megapixels=MAX_PIXELS // 10**6,
    side=MAX_SIDE,
)

ImageSource: TypeAlias = str | Path | bytes | Image.Image | Pixels | ImageInput


def read_image(
    source: ImageSource, name: str | None = None, waiting: Callable[[], None] = bounded.nothing
) -> ImageInput:
    """The image in a path, in encoded bytes, in a PIL image or in an RGB uint8 array.

    Content decides the format, not the name; of several frames the first is taken. EXIF
    orientation is applied, transparency laid on white, greyscale, palette, CMYK and
    16-bit brought to 8-bit RGB; colour profiles are ignored. Where a side is longer than
    2,000 pixels, the image is scaled down to that; an array is taken as it is.

    Bytes and files are decoded in a process of their own, see `bounded`. Raises ImageError with
    one sentence for anything else, for more than 20 MB or 50 megapixels (found before
    anything is decoded), for a side under 8 pixels, and for an image that takes more than 5
    seconds of work or 1 GB of memory to decode.

    Args:
        source: The image.
        name: What it is called in results; by default the file's name.
        waiting: Called some times a second while bytes are decoded; what it raises ends that.
    """
    if isinstance(source, ImageInput):
        return source
    if isinstance(source, np.ndarray):
        return _from_array(source, name or "array")
    if isinstance(source, Image.Image):
        return _from_image(source, name or "image")
    if isinstance(source, bytes):
        data, name = source, _printable(name or "image")
    elif isinstance(source, str | Path):
        data, name = _read_file(Path(source), name)
    else:
        raise ImageError(
            text(
                "got {given}; give a path, the bytes of a file, a PIL image or an RGB uint8 array",
                given=type(source).__name__,
            )
        )
    _check_size(len(data), name)
    try:
        return ImageInput(name, hashlib.sha256(data).hexdigest(), bounded.decode(data, waiting))
    except RefusedError as refused:
        raise ImageError(_sentence(name, refused)) from refused


def read_trusted(path: Path) -> ImageInput:
    """The image in a file that comes with an installed package; starts no process.

    Raises ImageError as `read_image` does.
    """
    data, name = _read_file(path, None)
    try:
        pixels = np.array(decoding.decode(data))
    except RefusedError as refused:
        raise ImageError(_sentence(name, refused)) from refused
    return ImageInput(name, hashlib.sha256(data).hexdigest(), pixels)


def _read_file(path: Path, name: str | None) -> tuple[bytes, str]:
    with open_file(path, ImageError, text("give the path of an image")) as file:
        name = _printable(name or path.name)
        _check_size(os.fstat(file.fileno()).st_size, name)
        return file.read(MAX_BYTES + 1), name


def _printable(name: str) -> str:
    """The name without control characters; raises ImageError for one that is not UTF-8."""
    try:
        name.encode()
    except UnicodeEncodeError as error:
        raise ImageError(
            text("the name {name} is not UTF-8; rename the file", name=name)
        ) from error
    return escaped(name)


def _check_size(size: int, name: str) -> None:
    if size == 0:
        raise ImageError(text("{file} is empty; {accepted}", file=name, accepted=ACCEPTED))
    if size > MAX_BYTES:
        raise ImageError(
            text(
                "{file} has {size:.1f} MB and at most {most} MB are accepted; save it smaller",
                file=name,
                size=size / 2**20,
                most=MAX_BYTES // 2**20,
            )
        )


def _sentence(name: str, refused: RefusedError) -> Text:
    sentences = {
        Kind.UNKNOWN: text(
            "{file} is not an image that can be read; {accepted}", file=name, accepted=ACCEPTED
        ),
        Kind.HEADER: text(
            "{file} is damaged and cannot be read; {accepted}", file=name, accepted=ACCEPTED
        ),
        Kind.LARGE: text(
            "{file} has more than {most} megapixels, the most that is accepted; save it smaller",
            file=name,
            most=MAX_PIXELS // 10**6,
        ),
        Kind.SMALL: text(
            "{file} is {width} × {height} pixels and at least {least} × {least} are needed; take "
            "a larger image",
            file=name,
            width=refused.width,
            height=refused.height,
            least=MIN_SIDE,
        ),
        Kind.MEMORY: text(
            "{file} takes more than {most} GB of memory to decode; save it smaller, or again as "
            "an ordinary JPEG or PNG",
            file=name,
            most=bounded.MEGABYTES // 1024,
        ),
        Kind.TIME: text(
            "{file} takes more than {most} seconds of work to decode; save it again as an "
            "ordinary JPEG or PNG",
            file=name,
            most=bounded.SECONDS,
        ),
        Kind.ENDED: text(
            "{file} was not decoded, since the process for it ended twice; try again", file=name
        ),
    }
    damaged = text("{file} is damaged or incomplete; {accepted}", file=name, accepted=ACCEPTED)
    return sentences.get(refused.kind, damaged)


def _from_image(image: Image.Image, name: str) -> ImageInput:
    try:
        decoding.check_sides(*image.size)
        pixels = np.array(decoding.to_rgb(image))
    except RefusedError as refused:
        raise ImageError(_sentence(name, refused)) from refused
    return ImageInput(name, _pixel_digest(pixels), pixels)


def _from_array(pixels: Pixels, name: str) -> ImageInput:
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3:
        raise ImageError(
            text(
                "got an array of {dtype} with shape {shape}; give RGB pixels as uint8 (H, W, 3)",
                dtype=str(pixels.dtype),
                shape=pixels.shape,
            )
        )
    try:
        decoding.check_sides(pixels.shape[1], pixels.shape[0])
    except RefusedError as refused:
        raise ImageError(_sentence(name, refused)) from refused
    copy = pixels.copy()
    return ImageInput(name, _pixel_digest(copy), copy)


def _pixel_digest(pixels: Pixels) -> str:
    digest = hashlib.sha256(repr(pixels.shape).encode())
    digest.update(np.ascontiguousarray(pixels).data)
    return digest.hexdigest()
