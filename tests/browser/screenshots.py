"""Write pictures of the pages, in both themes, on a screen and on a phone, and the README's."""

import sys
from base64 import b64decode, b64encode
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.browser.conftest import BROWSER, pages
from tests.conftest import ROOT

README = ROOT / ".github" / "session-page.webp"
"""The picture in the README: the demo's page up to its timeline. Archives leave it out."""
_TO_WEBP = """async (from) => {
  const image = new Image();
  image.src = from;
  await image.decode();
  const canvas = Object.assign(document.createElement("canvas"), {
    width: image.width, height: image.height });
  canvas.getContext("2d").drawImage(image, 0, 0);
  return canvas.toDataURL("image/webp", 0.8);
}"""


def main(folder: Path) -> None:
    """Write `NAME-THEME-WIDTH.png` of each page into a folder, and the README's picture."""
    from playwright.sync_api import sync_playwright

    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as made, sync_playwright() as play:
        opened = play.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        for name, text in pages(Path(made)).items():
            file = Path(made) / f"{name}.html"
            file.write_text(text, encoding="utf-8")
            for theme in ("light", "dark"):
                for width in (1280, 360):
                    picture = folder / f"{name}-{theme}-{width}.png"
                    _shoot(opened, file, picture, width, theme, "html")
        picture = Path(made) / "readme.png"
        _shoot(opened, Path(made) / "demo.html", picture, 960, "light", "#timeline")
        README.write_bytes(_small(opened, picture.read_bytes()))
        opened.close()


def _shoot(browser: Any, file: Path, picture: Path, width: int, theme: str, until: str) -> None:
    """Write a picture of a page from its top to the end of an element."""
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=theme)
    page.goto(file.as_uri())
    end = page.locator(until).bounding_box()
    clip = {"x": 0, "y": 0, "width": width, "height": end["y"] + end["height"] + 8}
    page.screenshot(path=picture, full_page=True, clip=clip)
    page.close()


def _small(browser: Any, png: bytes) -> bytes:
    """Return a picture as WebP, which takes a third."""
    page = browser.new_page()
    made = page.evaluate(_TO_WEBP, f"data:image/png;base64,{b64encode(png).decode()}")
    page.close()
    return b64decode(made.partition(",")[2])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
