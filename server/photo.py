"""Photographs made safe: whatever was sent is decoded and painted anew.

What a camera or a joker put beside the picture (place, time, colour profile, a web page after the
last byte) is in none of what leaves here.
"""

import ctypes
import hashlib
import io
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum

from PIL import Image

LARGEST_FILE = 10_000_000
MOST_PIXELS = 50_000_000
"""Refused by the header, before anything is decoded."""

MOST_WHOLE = 16_000_000
"""Pixels that are decoded at a time, four bytes each and more: a plain JPEG of more is decoded at
half its size, and what can only be decoded whole is refused."""

LONGEST_TAKEN = 30_000
"""Pixels of a side: a long screenshot has 20,000."""

LONGEST_SIDE = 4_096
MOST_WALKED = 2_000_000_000
"""Pixels over all scans: a progressive JPEG is walked whole for each of its ten or so.

The mark of a scan may also stand by chance in what phones append, such as a short film.
"""

SCAN = b"\xff\xda"
QUALITY = 85

# The bound above is ours to check: Pillow's own would warn on the way.
Image.MAX_IMAGE_PIXELS = None


class Fault(Enum):
    """What is wrong with a photograph: a stable code, the status to answer with, and what to say."""

    HEIC = ("HEIC_NOT_TAKEN", 415, "HEIC is not taken: send a JPEG, PNG or WebP file.")
    TYPE = ("NOT_A_PHOTOGRAPH", 415, "Send a JPEG, PNG or WebP file.")
    PIXELS = (
        "TOO_MANY_PIXELS",
        413,
        "A photograph has at most 50 million pixels as a plain JPEG, and 16 million as a progressive "
        "one, a PNG or WebP; no side is longer than 30,000, and its scans are few.",
    )
    DAMAGED = ("PHOTOGRAPH_DAMAGED", 422, "The file is damaged: its picture cannot be read.")


class PhotoError(Exception):
    """The file is not taken."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.name)
        self.fault = fault


@dataclass(frozen=True)
class Photo:
    """A picture of our own making."""

    data: bytes
    media_type: str
    width: int
    height: int
    digest: str
    """SHA-256 of the bytes, in hexadecimal."""


HEIF_BRANDS = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1", b"avif")

# EXIF's orientation, and what puts the picture upright.
ORIENTATION = 0x0112
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def sniff(data: bytes) -> str:
    """The format the bytes themselves show."""
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if data[4:8] == b"ftyp" and data[8:12] in HEIF_BRANDS:
        raise PhotoError(Fault.HEIC)
    raise PhotoError(Fault.TYPE)


def clean(data: bytes) -> Photo:
    """The picture alone, upright, at most 4,096 pixels long: JPEG, or WebP if it is transparent."""
    kind = sniff(data)
    scans = data.count(SCAN) if kind == "JPEG" else 1
    try:
        with Image.open(io.BytesIO(data), formats=[kind]) as image:
            pixels = image.width * image.height
            in_parts = kind == "JPEG" and "progressive" not in image.info
            if (
                pixels > (MOST_PIXELS if in_parts else MOST_WHOLE)
                or pixels * scans > MOST_WALKED
                or max(image.size) > LONGEST_TAKEN
            ):
                raise PhotoError(Fault.PIXELS)
            if pixels > MOST_WHOLE:
                image.draft(None, (image.width // 2, image.height // 2))
            return _encoded(_drawn(image))
    except PhotoError:
        raise
    except Exception as error:  # Pillow's decoders raise anything at all
        raise PhotoError(Fault.DAMAGED) from error
    finally:
        _give_back()


def _give_back() -> None:
    """Return to the system what the pictures took: glibc would keep it for the next ones."""
    with suppress(AttributeError, OSError, TypeError):  # other systems have no such function
        ctypes.CDLL(None).malloc_trim(0)


def _drawn(image: Image.Image) -> Image.Image:
    """The pixels, made small, upright and plain."""
    upright = UPRIGHT.get(_orientation(image))
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE), reducing_gap=2.0)
    mode = "RGBA" if image.has_transparency_data else "RGB"
    plain = image if image.mode == mode else image.convert(mode)
    plain.info = {}  # what came beside the pixels, and would be written again
    return plain if upright is None else plain.transpose(upright)


def _orientation(image: Image.Image) -> int:
    try:
        return image.getexif().get(ORIENTATION, 1)
    except Exception:  # what is wrong there spoils no picture
        return 1


def _encoded(image: Image.Image) -> Photo:
    out = io.BytesIO()
    if image.mode == "RGBA":
        image.save(out, "WEBP", quality=QUALITY, method=2)
    else:
        image.save(out, "JPEG", quality=QUALITY)
    data = out.getvalue()
    media_type = "image/webp" if image.mode == "RGBA" else "image/jpeg"
    return Photo(data, media_type, *image.size, hashlib.sha256(data).hexdigest())
