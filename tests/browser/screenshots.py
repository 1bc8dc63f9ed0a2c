"""Write pictures of the pages, in both themes, on a screen and on a phone."""

import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from session_classify.pages.session import session_page
from tests.pages import cases


def main(folder: Path) -> None:
    """Write `NAME-THEME-WIDTH.png` of each page into a folder."""
    from playwright.sync_api import sync_playwright

    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as made, sync_playwright() as play:
        case = cases.demo(Path(made))
        opened = play.chromium.launch(
            executable_path=os.environ["SESSION_CLASSIFY_BROWSER"], args=["--no-sandbox"]
        )
        for name, one in (
            ("demo", case),
            ("long", cases.long(case)),
            ("hostile", cases.hostile(case)),
        ):
            file = Path(made) / f"{name}.html"
            file.write_text(session_page(one), encoding="utf-8")
            for theme in ("light", "dark"):
                for width in (1280, 360):
                    page = opened.new_page(
                        viewport={"width": width, "height": 900}, color_scheme=theme
                    )
                    page.goto(file.as_uri())
                    page.screenshot(path=folder / f"{name}-{theme}-{width}.png", full_page=True)
                    page.close()
        opened.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
