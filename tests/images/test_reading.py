"""Every format that is accepted, and every way in which an image can be bad."""

import hashlib
import io
import os
import socket
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pillow_heif
import pytest
from PIL import Image

from eca_viz.errors import ImageError
from eca_viz.images.decoding import FORMATS
from eca_viz.images.reading import MAX_BYTES, read_image
from tests.factories import make_pixels

Encode = Callable[..., bytes]

pillow_heif.register_heif_opener()  # for encoding alone


@pytest.mark.parametrize("format", ["PNG", "BMP", "TIFF"])
def test_lossless_formats_keep_every_pixel(format: str, encode: Encode, pixels: np.ndarray) -> None:
    data = encode(Image.fromarray(pixels), format)
    image = read_image(data, "a photo")
    np.testing.assert_array_equal(image.pixels, pixels)
    assert image.name == "a photo"
    assert image.sha256 == hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize("format", ["JPEG", "WEBP", "GIF", "AVIF", "HEIF"])
def test_lossy_formats_come_close(format: str, encode: Encode, pixels: np.ndarray) -> None:
    image = read_image(encode(Image.fromarray(pixels), format))
    assert image.pixels.shape == pixels.shape
    difference = np.abs(image.pixels.astype(int) - pixels.astype(int))
    assert difference.mean() < (20 if format == "GIF" else 8)  # a GIF has 256 colours


@pytest.mark.parametrize("format", ["PNG", "JPEG", "TIFF"])
def test_a_long_side_is_scaled_down(format: str, encode: Encode) -> None:
    pixels = make_pixels(0, 150, 240)
    large = encode(Image.fromarray(pixels).resize((3200, 2000), Image.Resampling.BICUBIC), format)
    image = read_image(large)
    assert image.pixels.shape == (1250, 2000, 3)
    assert image.sha256 == hashlib.sha256(large).hexdigest()
    expected = Image.fromarray(pixels).resize((2000, 1250), Image.Resampling.BICUBIC)
    assert np.abs(image.pixels.astype(int) - np.array(expected)).mean() < 1
    picture = Image.open(io.BytesIO(large))
    assert read_image(picture).pixels.shape == (1250, 2000, 3)
    assert picture.size == (3200, 2000)


@pytest.mark.parametrize("orientation", [1, 6])
def test_2000_pixels_are_kept(orientation: int, encode: Encode) -> None:
    pixels, exif = make_pixels(0, 60, 2000), Image.Exif()
    exif[0x0112] = orientation
    image = read_image(encode(Image.fromarray(pixels), "PNG", exif=exif))
    np.testing.assert_array_equal(image.pixels, np.rot90(pixels, -1 if orientation == 6 else 0))


def test_a_long_strip_keeps_a_row(encode: Encode) -> None:
    assert read_image(encode(Image.new("L", (30_000, 8)), "PNG")).pixels.shape == (1, 2000, 3)


def test_large_deep_greyscale_and_large_transparent_images(encode: Encode) -> None:
    values = np.full((2500, 2100), 0.5, dtype=np.float32)
    tiff = encode(Image.fromarray(values), "TIFF", compression="tiff_deflate")
    found = read_image(tiff).pixels
    assert found.shape == (2000, 1680, 3)
    assert (found == 128).all()
    clear = Image.new("RGBA", (2500, 2100), (255, 0, 0, 0))
    assert (read_image(encode(clear, "PNG")).pixels == 255).all()


def test_a_path_gives_the_files_name(photograph_file: Path, pixels: np.ndarray) -> None:
    image = read_image(photograph_file)
    assert image.name == "photo.png"
    np.testing.assert_array_equal(image.pixels, pixels)
    np.testing.assert_array_equal(read_image(str(photograph_file)).pixels, pixels)


def test_content_decides_not_the_name(encode: Encode, pixels: np.ndarray, tmp_path: Path) -> None:
    path = tmp_path / "photo.txt"
    path.write_bytes(encode(Image.fromarray(pixels), "PNG"))
    np.testing.assert_array_equal(read_image(path).pixels, pixels)


def test_arrays_images_and_inputs_are_taken_as_they_are(pixels: np.ndarray) -> None:
    from_array = read_image(pixels)
    from_image = read_image(Image.fromarray(pixels))
    np.testing.assert_array_equal(from_array.pixels, pixels)
    assert from_array.sha256 == from_image.sha256
    assert read_image(from_array) is from_array
    assert read_image(np.ascontiguousarray(pixels[::-1])).sha256 != from_array.sha256
    pixels[:] = 0
    assert from_array.pixels.any()


@pytest.mark.parametrize(
    ("orientation", "turn"),
    [
        (1, lambda a: a),
        (2, lambda a: a[:, ::-1]),
        (3, lambda a: a[::-1, ::-1]),
        (4, lambda a: a[::-1]),
        (5, lambda a: a.transpose(1, 0, 2)),
        (6, lambda a: np.rot90(a, -1)),
        (7, lambda a: np.rot90(a, 2).transpose(1, 0, 2)),
        (8, lambda a: np.rot90(a, 1)),
    ],
)
def test_exif_orientation(
    orientation: int,
    turn: Callable[[np.ndarray], np.ndarray],
    encode: Encode,
    pixels: np.ndarray,
) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = read_image(encode(Image.fromarray(pixels), "PNG", exif=exif))
    np.testing.assert_array_equal(image.pixels, turn(pixels))


def test_broken_exif_is_ignored(encode: Encode, pixels: np.ndarray) -> None:
    data = encode(Image.fromarray(pixels), "JPEG", exif=b"Exif\x00\x00MM\x00*\xff\xff\xff\xff")
    assert read_image(data).pixels.shape == pixels.shape


def test_transparency_is_laid_on_white(encode: Encode) -> None:
    rgba = np.zeros((10, 10, 4), dtype=np.uint8)
    rgba[:5] = (200, 0, 0, 255)
    rgba[5:] = (0, 0, 0, 128)
    image = read_image(encode(Image.fromarray(rgba), "PNG"))
    assert image.pixels[0, 0].tolist() == [200, 0, 0]
    assert abs(int(image.pixels[9, 9, 0]) - 127) <= 1
    grey = Image.fromarray(np.full((10, 10, 2), (90, 0), dtype=np.uint8), "LA")
    assert (read_image(encode(grey, "PNG")).pixels == 255).all()


def test_palette_with_transparent_colour(encode: Encode) -> None:
    picture = Image.new("P", (12, 12), 1)
    picture.putpalette([0, 0, 0, 10, 20, 30])
    picture.paste(0, (0, 0, 6, 12))
    image = read_image(encode(picture, "GIF", transparency=0))
    assert image.pixels[0, 0].tolist() == [255, 255, 255]
    assert image.pixels[0, 11].tolist() == [10, 20, 30]


@pytest.mark.parametrize(("mode", "value"), [("1", 1), ("L", 77)])
def test_greyscale_becomes_three_equal_channels(mode: str, value: int, encode: Encode) -> None:
    image = read_image(encode(Image.new(mode, (9, 9), value), "PNG"))
    assert (image.pixels == (255 if mode == "1" else 77)).all()


@pytest.mark.parametrize("format", ["JPEG", "TIFF"])
def test_cmyk(format: str, encode: Encode) -> None:
    image = read_image(encode(Image.new("CMYK", (16, 16), (0, 255, 255, 0)), format))
    red, green, blue = image.pixels[8, 8]
    assert red > 200
    assert max(green, blue) < 60


@pytest.mark.parametrize("format", ["PNG", "TIFF"])
def test_sixteen_bit_greyscale_keeps_its_brightness(format: str, encode: Encode) -> None:
    values = np.linspace(0, 65535, 256, dtype=np.uint16).reshape(16, 16)
    image = read_image(encode(Image.fromarray(values), format))
    expected = np.rint(values / 257).astype(np.uint8)
    np.testing.assert_array_equal(image.pixels, np.stack([expected] * 3, axis=-1))


def test_sixteen_bit_colour_png() -> None:
    """Pillow cannot write one, so the file is put together here: 9 × 9, all (65535, 0, 32896)."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        crc = zlib.crc32(kind + body)
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", crc)

    row = b"\x00" + struct.pack(">3H", 65535, 0, 32896) * 9
    data = (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", 9, 9, 16, 2, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(row * 9))
        + chunk(b"IEND", b"")
    )
    assert (read_image(data).pixels == (255, 0, 128)).all()


def test_floating_point_tiff(encode: Encode) -> None:
    values = np.linspace(0, 1, 100, dtype=np.float32).reshape(10, 10)
    values[0, 0] = np.nan
    image = read_image(encode(Image.fromarray(values), "TIFF"))
    assert image.pixels[9, 9].tolist() == [255, 255, 255]
    assert image.pixels[0, 0].tolist() == [0, 0, 0]


@pytest.mark.parametrize("format", ["GIF", "TIFF", "WEBP"])
def test_the_first_of_several_frames_is_taken(format: str, encode: Encode) -> None:
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue")]
    data = encode(frames[0], format, save_all=True, append_images=frames[1:])
    red, _, blue = read_image(data).pixels[10, 10]
    assert red > 200
    assert blue < 60


def refuse(source: object, *parts: str, name: str = "photo.png") -> None:
    """One sentence that names the file and says what is wrong and what is accepted."""
    with pytest.raises(ImageError) as caught:
        read_image(source, name)
    text = str(caught.value)
    assert "\n" not in text
    for part in (*parts, ";"):
        assert part in text, text


def test_refuses_an_empty_file() -> None:
    refuse(b"", "photo.png is empty", "PNG, JPEG")


@pytest.mark.parametrize("data", [b"hello", b"\x00" * 500, b"%PDF-1.7 ...", b"\x89PNG\r\n\x1a\n"])
def test_refuses_what_is_not_an_image(data: bytes) -> None:
    refuse(data, "photo.png is not an image", "PNG, JPEG")


def test_refuses_formats_beyond_the_accepted(encode: Encode, pixels: np.ndarray) -> None:
    refuse(encode(Image.fromarray(pixels), "PPM"), "is not an image")


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("share", [0.3, 0.7])
def test_refuses_a_truncated_file(format: str, share: float, encode: Encode) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (90, 90, 3), dtype=np.uint8)
    data = encode(Image.fromarray(noise), format)
    with pytest.raises(ImageError, match="photo.png is (damaged|not an image)"):
        read_image(data[: int(len(data) * share)], "photo.png")


def test_refuses_damaged_data(encode: Encode) -> None:
    data = bytearray(encode(Image.fromarray(make_pixels()), "PNG"))
    data[len(data) // 2] ^= 0xFF
    refuse(bytes(data), "is damaged")


def test_refuses_too_many_bytes(tmp_path: Path) -> None:
    refuse(b"\x00" * (MAX_BYTES + 1), "20.0 MB", "at most 20 MB")
    large = tmp_path / "large.png"
    with large.open("wb") as file:
        file.truncate(3 * MAX_BYTES)
    refuse(large, "60.0 MB", "at most 20 MB", name="large.png")


def bomb(width: int, height: int) -> bytes:
    """A PNG whose header announces a size that its data does not have."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    crc = struct.pack(">I", zlib.crc32(b"IHDR" + header))
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + header + crc


@pytest.mark.parametrize("side", [7072, 9000, 12_000, 60_000])
def test_refuses_too_many_pixels_before_decoding(side: int) -> None:
    refuse(bomb(side, side) + b"\x00\x00\x00\x00IDAT", "more than 50 megapixels")


def test_refuses_a_side_that_is_too_short(encode: Encode) -> None:
    refuse(encode(Image.new("RGB", (300, 7)), "PNG"), "300 × 7 pixels", "at least 8 × 8")
    refuse(np.zeros((4, 20, 3), dtype=np.uint8), "20 × 4 pixels")


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((20, 20, 3), dtype=np.float32),
        np.zeros((20, 20), dtype=np.uint8),
        np.zeros((20, 20, 4), dtype=np.uint8),
    ],
)
def test_refuses_other_arrays(array: np.ndarray) -> None:
    refuse(array, "got an array of", "uint8 (H, W, 3)")


def test_refuses_large_pictures_that_are_already_decoded() -> None:
    refuse(Image.new("1", (9000, 7000)), "more than 50 megapixels")
    refuse(np.broadcast_to(np.uint8(0), (9000, 7000, 3)), "more than 50 megapixels")


@pytest.mark.parametrize("source", [3, None, [1, 2], bytearray(b"x")])
def test_refuses_what_is_no_source(source: object) -> None:
    refuse(source, f"got {type(source).__name__}", "give a path")


def test_refuses_a_path_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="cannot be read"):
        read_image(tmp_path / "none.png")
    with pytest.raises(ImageError, match="cannot be read"):
        read_image(tmp_path)


def test_refuses_what_is_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At once: reading any of these would wait or never end."""
    os.mkfifo(tmp_path / "pipe.png")
    monkeypatch.chdir(tmp_path)  # a socket's path is short
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket.png")
    refuse(tmp_path / "pipe.png", "pipe.png cannot be read (it is a named pipe, not a file)")
    refuse(tmp_path / "socket.png", "it is a socket, not a file")
    refuse(Path("/dev/zero"), "/dev/zero cannot be read (it is a device, not a file)")
    refuse(tmp_path, "it is a folder, not a file")
    (tmp_path / "link.png").symlink_to(tmp_path / "pipe.png")
    refuse(str(tmp_path / "link.png"), "it is a named pipe, not a file")


def test_refuses_names_that_no_file_has_or_nothing_can_show(tmp_path: Path, encode: Encode) -> None:
    refuse("a\0b.png", r"a\x00b.png holds a NUL character", "give the path of an image")
    data = encode(Image.fromarray(make_pixels()), "PNG")
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.png"))
    path.write_bytes(data)
    with pytest.raises(ImageError, match=r"the name caf\\udce9.png is not UTF-8; rename the file"):
        read_image(path)
    np.testing.assert_array_equal(read_image(path, "cafe.png").pixels, make_pixels())
    refuse(path.with_name("\udce9.png"), r"\udce9.png cannot be read (No such file", name="x")
    refuse(data, r"the name caf\udce9.png is not UTF-8", name="caf\udce9.png")
    refuse("x" * 5000, "cannot be read (File name too long)")
