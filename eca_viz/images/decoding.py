"""From encoded bytes to RGB pixels; of untrusted bytes as a program of its own.

    python -I -W ignore decoding.py SECONDS MEGABYTES

A decoder is the one place at which an image that someone sent could do harm, so it runs in a
process that holds nothing else: Pillow, and pillow-heif or NumPy where an image needs them. This
module imports nothing of eca_viz, since the program does not find it. `bounded` starts it and
talks with it through its standard input and output; each request is REQUEST and the bytes, each
reply REPLY and, where the image was decoded, RGB pixels row by row.
"""

import io
import os
import signal
import struct
import sys
from enum import IntEnum
from pathlib import Path
from typing import IO

from PIL import Image, ImageOps, JpegImagePlugin, UnidentifiedImageError

OF_PILLOW = ("PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF", "AVIF")
FORMATS = (*OF_PILLOW, "HEIF")
MAX_PIXELS = 50_000_000
MIN_SIDE = 8
# The page draws no more, and a network sees a few hundred.
MAX_SIDE = 2000
# Rows of deep greyscale that are brought to 8 bits at a time, since they take 12 bytes a pixel.
BAND = 256

# Bytes of the image.
REQUEST = struct.Struct("<Q")
# Kind, width, height.
REPLY = struct.Struct("<BII")


class Kind(IntEnum):
    """What came of the bytes."""

    DECODED = 0
    UNKNOWN = 1
    HEADER = 2
    LARGE = 3
    SMALL = 4
    DAMAGED = 5
    MEMORY = 6
    TIME = 7
    ENDED = 8


class RefusedError(Exception):
    """An image that is not decoded: why, and its size in pixels where that is the reason."""

    def __init__(self, kind: Kind, width: int = 0, height: int = 0) -> None:
        super().__init__(kind, width, height)
        self.kind, self.width, self.height = kind, width, height


def decode(data: bytes) -> Image.Image:
    """The image as RGB, upright, no side longer than MAX_SIDE; the first of several frames.

    Raises RefusedError, for more than MAX_PIXELS or a side under MIN_SIDE before anything is
    decoded, and MemoryError.
    """
    image = _open(data)
    check_sides(image.width, image.height)
    if isinstance(image, JpegImagePlugin.JpegImageFile):
        # Decoded at 1/2, 1/4 or 1/8 of its size where that is still large enough.
        image.draft(None, _shrunk(image.size))
    return to_rgb(image)


def _open(data: bytes) -> Image.Image:
    """Reads the header only."""
    formats: tuple[str, ...] = OF_PILLOW
    if data[4:8] == b"ftyp":
        _register_heif()
        formats = FORMATS
    try:
        return Image.open(io.BytesIO(data), formats=formats)
    except UnidentifiedImageError as error:
        raise RefusedError(Kind.UNKNOWN) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise RefusedError(Kind.LARGE) from error
    except MemoryError:
        raise
    except Exception as error:  # a decoder may raise anything on a damaged header
        raise RefusedError(Kind.HEADER) from error


def _register_heif() -> None:
    """Makes Pillow know HEIC; takes 0.06 s, so that only a file that may be one waits for it."""
    import pillow_heif
    from PIL import AvifImagePlugin

    # Each thread takes of the process's memory.
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1
    pillow_heif.register_heif_opener(thumbnails=False, decode_threads=1)


def check_sides(width: int, height: int) -> None:
    """Raises RefusedError for a size that is not accepted."""
    if width * height > MAX_PIXELS:
        raise RefusedError(Kind.LARGE)
    if min(width, height) < MIN_SIDE:
        raise RefusedError(Kind.SMALL, width, height)


def to_rgb(image: Image.Image) -> Image.Image:
    """An opened image as RGB, upright, no side longer than MAX_SIDE; the given one stays as it is.

    Raises RefusedError where its data is damaged, and MemoryError.
    """
    try:
        image.load()
        image = _shrink(_to_eight_bits(_upright(image)))
        if image.mode == "RGBA":
            image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
        return image.convert("RGB")
    except MemoryError:
        raise
    except Exception as error:  # a decoder may raise anything on damaged data
        raise RefusedError(Kind.DAMAGED) from error


def _upright(image: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(image)
    except MemoryError:
        raise
    except Exception:  # unreadable EXIF does not concern the pixels
        return image


def _to_eight_bits(image: Image.Image) -> Image.Image:
    """As L where it is greyscale deeper than 8 bits, as RGBA where it is transparent, else RGB."""
    if image.mode.startswith(("I", "F")):
        image = _scaled(image)
    kept, mode = (("RGBA",), "RGBA") if image.has_transparency_data else (("L", "RGB"), "RGB")
    return image if image.mode in kept else image.convert(mode)


def _scaled(image: Image.Image) -> Image.Image:
    """Greyscale deeper than 8 bits as L: floats from 0 to 1, integers from 0 to 65,535."""
    import numpy as np

    full = np.float32(1 if image.mode.startswith("F") else 65_535)
    found = Image.new("L", image.size)
    for top in range(0, image.height, BAND):
        band = image.crop((0, top, image.width, min(top + BAND, image.height)))
        values = np.nan_to_num(np.asarray(band, dtype=np.float32))
        grey = np.rint(np.clip(values / full, 0, 1) * 255).astype(np.uint8)
        found.paste(Image.fromarray(grey), (0, top))
    return found


def _shrink(image: Image.Image) -> Image.Image:
    size = _shrunk(image.size)
    return image if size == image.size else image.resize(size, reducing_gap=2.0)


def _shrunk(size: tuple[int, int]) -> tuple[int, int]:
    """The size with the longer side brought down to MAX_SIDE."""
    longer = max(size)
    if longer <= MAX_SIDE:
        return size
    width, height = (max(1, round(side * MAX_SIDE / longer)) for side in size)
    return width, height


def serve(seconds: float, megabytes: int) -> None:
    """Answers requests until the other end of standard input is closed.

    `seconds` is the most processor time for one image, `megabytes` the most memory of this
    process; an image that takes more time ends it.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that asks
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as replies:
        # What a library may print goes where its errors go: to nothing.
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        _limit_memory(megabytes)
        while header := sys.stdin.buffer.read(REQUEST.size):
            data = sys.stdin.buffer.read(*REQUEST.unpack(header))
            _limit_time(seconds)
            _answer(data, replies, megabytes)
            del data
            _limit_time(0)


def _answer(data: bytes, replies: IO[bytes], megabytes: int) -> None:
    try:
        image = decode(data)
        pixels = image.tobytes()  # before a reply begins, since memory may end here
        replies.write(REPLY.pack(Kind.DECODED, *image.size))
        replies.write(pixels)
    except RefusedError as refused:
        # Of memory that they did not get some decoders say that the data are damaged.
        short = refused.kind in (Kind.HEADER, Kind.DAMAGED) and _peak() > megabytes / 2
        kind = Kind.MEMORY if short else refused.kind
        replies.write(REPLY.pack(kind, refused.width, refused.height))
    except MemoryError:
        replies.write(REPLY.pack(Kind.MEMORY, 0, 0))
    replies.flush()


def _peak() -> float:
    """The most MB of addresses that this process has had, which is what is limited."""
    if sys.platform != "linux":
        return 0.0
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return int(next(line for line in lines if line.startswith("VmPeak")).split()[1]) / 1024


def _limit_memory(megabytes: int) -> None:
    """Only Linux has a limit that holds."""
    if sys.platform != "linux":
        return
    import resource

    for kind, value in ((resource.RLIMIT_AS, megabytes << 20), (resource.RLIMIT_CORE, 0)):
        _, most = resource.getrlimit(kind)
        resource.setrlimit(
            kind, (value if most == resource.RLIM_INFINITY else min(value, most),) * 2
        )


def _limit_time(seconds: float) -> None:
    """SIGPROF ends this process after so many seconds of processor time from now; 0 for never."""
    if hasattr(signal, "setitimer"):  # Windows has none
        signal.signal(signal.SIGPROF, signal.SIG_DFL)  # a program may be started with it ignored
        signal.setitimer(signal.ITIMER_PROF, seconds)


if __name__ == "__main__":
    serve(float(sys.argv[1]), int(sys.argv[2]))
