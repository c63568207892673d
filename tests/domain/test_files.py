"""What a file is, by its bytes."""

from __future__ import annotations

import pytest

from bot.domain.files import SHOWN, UNKNOWN, download_name, media_type

TABLE = [
    ("a JPEG", b"\xff\xd8\xff\xe0\x00\x10JFIF", "image/jpeg", True),
    ("a PNG", b"\x89PNG\r\n\x1a\n\x00", "image/png", True),
    ("a WebP", b"RIFF\x24\x00\x00\x00WEBPVP8 ", "image/webp", True),
    ("a GIF", b"GIF89a\x01", "image/gif", True),
    ("an Ogg", b"OggS\x00\x02", "audio/ogg", True),
    ("an MP4", b"\x00\x00\x00\x18ftypmp42", "video/mp4", True),
    ("a PDF is downloaded", b"%PDF-1.7", "application/pdf", False),
    ("an SVG can run scripts", b"<svg xmlns='http://www.w3.org/2000/svg'>", UNKNOWN, False),
    ("a web page, whatever it is called", b"<!doctype html><script>", UNKNOWN, False),
    ("a RIFF that is no picture", b"RIFF\x24\x00\x00\x00WAVEfmt ", UNKNOWN, False),
    ("a page that only mentions a PDF", b"x %PDF-1.7", UNKNOWN, False),
    ("nothing", b"", UNKNOWN, False),
]


@pytest.mark.parametrize(("content", "media", "shown"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_only_known_harmless_kinds_are_shown(content: bytes, media: str, shown: bool) -> None:
    assert media_type(content) == media
    assert (media in SHOWN) is shown
    assert download_name(7, "photo", media).startswith("photo-7.")
