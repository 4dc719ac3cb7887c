"""The page as a browser shows it, from a file, light and dark."""

from __future__ import annotations

import shutil
import struct
import subprocess
import zlib
from pathlib import Path

import pytest

from lifeboat.report import html
from tests.lifeboat.report.reports import everything

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")
LIGHT, DARK = (0xF6, 0xF7, 0xF9), (0x12, 0x16, 0x1C)


def chromium(*arguments: str, folder: Path) -> str:
    assert CHROMIUM is not None
    return subprocess.run(  # noqa: S603 the browser of this machine on our own page
        [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder / 'profile'}", *arguments],
        capture_output=True,
        check=True,
        text=True,
        timeout=120,
    ).stdout


def first_pixel(png: bytes) -> tuple[int, ...]:
    """Return the colour in the upper left corner: the page's own."""
    data, place = b"", 8
    while place < len(png):
        (length,) = struct.unpack(">I", png[place : place + 4])
        if png[place + 4 : place + 8] == b"IDAT":
            data += png[place + 8 : place + 8 + length]
        place += 12 + length
    return tuple(zlib.decompress(data)[1:4])


@pytest.mark.parametrize(("scheme", "colour"), [("1", LIGHT), ("0", DARK)])
def test_the_page_is_shown_in_light_and_dark(tmp_path: Path, scheme: str, colour: tuple[int, ...]) -> None:
    page, picture = tmp_path / "report.html", tmp_path / "picture.png"
    page.write_text(html.render(everything()), encoding="utf-8")
    chromium(
        f"--blink-settings=preferredColorScheme={scheme}",
        "--window-size=1200,1600",
        "--hide-scrollbars",
        f"--screenshot={picture}",
        page.as_uri(),
        folder=tmp_path,
    )
    assert first_pixel(picture.read_bytes()) == colour


def test_a_browser_finds_everything_in_the_page_and_nothing_hostile(tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    page.write_text(html.render(everything()), encoding="utf-8")
    dom = chromium("--dump-dom", page.as_uri(), folder=tmp_path)
    assert dom.count("<section") == 3
    assert "<script" not in dom
    assert "&lt;script&gt;" in dom
    assert dom.count('class="box ') == 3
