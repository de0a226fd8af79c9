"""Photographs made safe: what comes out is a picture and nothing else."""

import io
import struct
import time
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile

from server.photo import LONGEST_SIDE, Fault, PhotoError, clean

RED, BLUE = (220, 30, 30), (30, 30, 220)
# What a viewer sees of a picture whose upper left corner alone is red, by EXIF's orientation.
CORNERS = {1: "00", 2: "10", 3: "11", 4: "01", 5: "00", 6: "10", 7: "11", 8: "01"}


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def cornered(width: int = 64, height: int = 32) -> Image.Image:
    image = Image.new("RGB", (width, height), BLUE)
    image.paste(RED, (0, 0, width // 2, height // 2))
    return image


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def pixel(image: Image.Image, at: tuple[int, int]) -> Any:
    return image.convert("RGBA").getpixel(at)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_of(width: int, height: int) -> bytes:
    """The beginning of a PNG of that size, as a bomb has it."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(10**6)))


@pytest.mark.parametrize("orientation", CORNERS)
def test_every_orientation_is_put_upright(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    photo = clean(encoded(cornered(), "JPEG", exif=exif, quality=95))
    turned = orientation >= 5
    assert (photo.width, photo.height) == ((32, 64) if turned else (64, 32))
    image = opened(photo.data)
    right, below = (digit == "1" for digit in CORNERS[orientation])
    at = (photo.width * (3 if right else 1) // 4, photo.height * (3 if below else 1) // 4)
    red, _, blue, _ = pixel(image, at)
    assert red > 150 > blue
    assert not image.getexif()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_what_stands_beside_the_picture_is_dropped(kind: str) -> None:
    words = b"where it was taken"
    exif = Image.Exif()
    exif[0x010E] = words.decode()
    beside: dict[str, Any] = {"exif": exif, "icc_profile": words * 20, "xmp": words}
    sent = encoded(cornered(), kind, **beside)
    assert words in sent
    photo = clean(sent + words)
    assert photo.media_type == "image/jpeg"
    assert words not in photo.data
    assert set(opened(photo.data).info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16", "CMYK"])
def test_every_kind_of_pixels(mode: str) -> None:
    kind = "JPEG" if mode == "CMYK" else "PNG"
    photo = clean(encoded(Image.new(mode, (50, 40)), kind))
    transparent = mode in ("LA", "RGBA")
    assert photo.media_type == ("image/webp" if transparent else "image/jpeg")
    assert (photo.width, photo.height) == opened(photo.data).size == (50, 40)
    assert pixel(opened(photo.data), (5, 5))[3] == (0 if transparent else 255)


def test_a_large_picture_is_made_smaller() -> None:
    photo = clean(encoded(cornered(6_000, 300), "JPEG"))
    assert (photo.width, photo.height) == (LONGEST_SIDE, 205)
    assert opened(photo.data).size == (photo.width, photo.height)


def jpeg_of(width: int, height: int, **how: bool) -> bytes:
    return encoded(Image.new("L", (width, height), 77), "JPEG", **how)


def test_a_very_large_picture_is_decoded_at_half_its_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whole it would take four times the memory."""
    loaded: list[tuple[int, int]] = []
    load = JpegImageFile.load

    def noted(image: JpegImageFile) -> Any:
        loaded.append(image.size)
        return load(image)

    monkeypatch.setattr(JpegImageFile, "load", noted)
    photo = clean(jpeg_of(5_712, 4_284))
    assert {*loaded} == {(2_856, 2_142)} == {(photo.width, photo.height)}


@pytest.mark.parametrize("size", [(4_000, 4_000), (1_440, 11_000)])
def test_a_screenshot_may_be_long(size: tuple[int, int]) -> None:
    assert clean(encoded(Image.new("L", size, 77), "PNG")).media_type == "image/jpeg"


def heic() -> bytes:
    return b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(100)


def many_scans() -> bytes:
    """A progressive JPEG whose last scan is there again and again."""
    sent = encoded(Image.new("L", (4_000, 3_900), 77), "JPEG", progressive=True)
    scan = sent[sent.rfind(b"\xff\xda") : -2]
    return sent[:-2] + scan * 500 + sent[-2:]


REFUSED: dict[str, tuple[Callable[[], bytes], Fault]] = {
    "nothing": (lambda: b"", Fault.TYPE),
    "a page": (lambda: b"<html><body>photo.jpg</body></html>", Fault.TYPE),
    "a GIF": (lambda: encoded(cornered(), "GIF"), Fault.TYPE),
    "a TIFF": (lambda: encoded(cornered(), "TIFF"), Fault.TYPE),
    "an SVG": (lambda: b"<svg xmlns='http://www.w3.org/2000/svg'/>", Fault.TYPE),
    "HEIC": (heic, Fault.HEIC),
    "half a JPEG": (lambda: encoded(cornered(900, 900), "JPEG")[:3_000], Fault.DAMAGED),
    "the head of a JPEG": (lambda: b"\xff\xd8\xff\xe0", Fault.DAMAGED),
    "half a PNG": (lambda: encoded(cornered(900, 900), "PNG")[:200], Fault.DAMAGED),
    "half a WebP": (lambda: encoded(cornered(900, 900), "WEBP")[:60], Fault.DAMAGED),
    "a PNG bomb": (lambda: png_of(60_000, 60_000), Fault.PIXELS),
    "a pixel too many": (lambda: jpeg_of(7_001, 7_142), Fault.PIXELS),
    "a pixel too many to be decoded whole": (lambda: png_of(4_000, 4_001), Fault.PIXELS),
    "the same in waves": (lambda: jpeg_of(4_000, 4_001, progressive=True), Fault.PIXELS),
    "a long line": (lambda: png_of(30_001, 1), Fault.PIXELS),
    "a scan bomb": (many_scans, Fault.PIXELS),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_photograph_is_refused_at_once(what: str) -> None:
    make, fault = REFUSED[what]
    sent = make()
    began = time.perf_counter()
    with pytest.raises(PhotoError) as refused:
        clean(sent)
    assert refused.value.fault is fault
    assert time.perf_counter() - began < 1
