"""Images that are made to take time or memory, or to have a decoder print."""

import io
import struct
import zlib
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
import pillow_heif
from PIL import Image

from eca_viz.errors import ImageError
from eca_viz.images import bounded
from eca_viz.images.decoding import FORMATS, MAX_SIDE
from eca_viz.images.reading import read_image
from tests.factories import make_pixels
from tests.hostile.damage import damaged
from tests.hostile.measured import Case

# Just below 50 megapixels.
SIDE = 7071
PNG = b"\x89PNG\r\n\x1a\n"
MUTATIONS = 1_000
MOST = 600
# Where half of the damage is.
HEADERS = slice(400)


def chunk(kind: bytes, body: bytes) -> bytes:
    """A chunk of a PNG."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int, height: int, kind: int, depth: int, data: bytes, before: bytes = b"") -> bytes:
    """A PNG of a colour type, with compressed `data` and chunks `before` them."""
    header = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0)
    return PNG + chunk(b"IHDR", header) + before + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def zeros(row: int, rows: int) -> bytes:
    """Compressed zeros, without having them all in memory."""
    packer = zlib.compressobj(1)
    return b"".join(packer.compress(bytes(row)) for _ in range(rows)) + packer.flush()


def many_scans() -> bytes:
    """A progressive JPEG of 50 megapixels whose last scan comes 2,000 times more."""
    buffer = io.BytesIO()
    Image.new("L", (SIDE, SIDE), 90).save(buffer, "JPEG", progressive=True)
    data = buffer.getvalue()
    last = data.rindex(b"\xff\xda")
    return data[:-2] + 2000 * data[last:-2] + data[-2:]


def flat_webp() -> bytes:
    """A lossless WebP of 50 megapixels in which each colour is a code of no bits."""
    bits = f"{SIDE - 1:014b}"[::-1] * 2 + "0" + "000"  # width, height, no alpha, version
    bits += "000"  # no transform, no colour cache, no meta prefix codes
    bits += "1000" * 5  # each code is simple and has one symbol, 0
    bits += "0" * (-len(bits) % 8)
    body = b"\x2f" + int(bits[::-1], 2).to_bytes(len(bits) // 8, "little")
    body += b"\0" * (len(body) % 2)
    content = b"WEBPVP8L" + struct.pack("<I", len(body)) + body
    return b"RIFF" + struct.pack("<I", len(content)) + content


def deep_png() -> bytes:
    """RGBA of 16 bits: 400 MB in 0.4."""
    return png(SIDE, SIDE, 6, 16, zeros(1 + 8 * SIDE, SIDE))


def float_tiff() -> bytes:
    """A float for each of 50 million pixels: 200 MB in 0.2."""
    data = zeros(4 * SIDE, SIDE)
    # Width, height, bits, Deflate, black is 0, offset, one sample, rows in the strip, bytes, float.
    tags = {256: SIDE, 257: SIDE, 258: 32, 259: 8, 262: 1, 273: 8, 277: 1, 278: SIDE}
    tags |= {279: len(data), 339: 3}
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags.items())
    directory = struct.pack("<H", len(tags)) + entries + bytes(4)
    return b"II*\0" + struct.pack("<I", 8 + len(data)) + data + directory


def many_chunks() -> bytes:
    """A PNG with 1.6 million chunks of no bytes before its pixels."""
    return png(64, 64, 0, 8, zeros(65, 64), chunk(b"teSt", b"") * 1_600_000)


def announced(side: int) -> bytes:
    """A PNG whose header alone is there."""
    return (
        PNG + chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)) + b"\0\0\0\0IDAT"
    )


def bomb_warning() -> bytes:
    """144 megapixels, of which Pillow warns on standard error."""
    return announced(12_000)


def bomb_error() -> bytes:
    """3.6 gigapixels, which Pillow refuses."""
    return announced(60_000)


def talking_tiff() -> bytes:
    """A TIFF of which libtiff says on standard error that its data are damaged."""
    buffer = io.BytesIO()
    Image.fromarray(make_pixels()).save(buffer, "TIFF", compression="tiff_lzw")
    data = bytearray(buffer.getvalue())
    data[100:400] = b"\xff" * 300
    return bytes(data)


def long_text() -> bytes:
    """A PNG with a compressed text of 1 GB."""
    packer = zlib.compressobj(1)
    text = b"".join(packer.compress(bytes(2**20)) for _ in range(1024)) + packer.flush()
    return png(64, 64, 0, 8, zeros(65, 64), chunk(b"zTXt", b"a\0\0" + text))


Make = Callable[[], bytes]

# Each with a part of its sentence, empty where it may also be decoded within the limits.
ATTACKS: tuple[tuple[Make, str], ...] = (
    (many_scans, "takes more than 5 seconds of work to decode"),
    (flat_webp, ""),
    (deep_png, ""),
    (float_tiff, ""),
    (many_chunks, "takes more than 5 seconds of work to decode"),
    (bomb_warning, "more than 50 megapixels"),
    (bomb_error, "more than 50 megapixels"),
    (talking_tiff, "is damaged"),
    (long_text, "is damaged"),
)


def originals() -> dict[str, bytes]:
    """A small image in each format."""
    pillow_heif.register_heif_opener()
    image, found = Image.fromarray(make_pixels(0, 40, 56)), {}
    for kind in FORMATS:
        buffer = io.BytesIO()
        image.save(buffer, kind)
        found[kind] = buffer.getvalue()
    return found


def mutations(count: int, seed: int = 0) -> Iterator[bytes]:
    """Copies of small images with some bytes changed, left out or doubled."""
    random, kinds = np.random.default_rng(seed), list(originals().values())
    for number in range(count):
        yield damaged(kinds[number % len(kinds)], random, HEADERS)


def outcome(data: bytes) -> str:
    """The sentence of some bytes, with the name x; empty where they are decoded."""
    try:
        pixels = read_image(data, "x").pixels
    except ImageError as error:
        return str(error)
    assert max(pixels.shape) <= MAX_SIDE
    return ""


def ordinary() -> bytes:
    """A JPEG of 12 megapixels, as a phone takes it."""
    buffer = io.BytesIO()
    Image.fromarray(make_pixels(0, 300, 400)).resize((4000, 3000)).save(buffer, "JPEG")
    return buffer.getvalue()


def cases(full: bool) -> Iterator[Case]:
    """An ordinary image, the attacks, and 1,000 damaged images, where `full` 10,000."""
    yield Case("ordinary", partial(outcome, ordinary()), "^$")
    for make, words in ATTACKS:
        yield Case(make.__name__, partial(outcome, make()), words)
    for number, data in enumerate(mutations(10 * MUTATIONS if full else MUTATIONS)):
        yield Case(f"damaged {number}", partial(outcome, data))
    bounded.end()
