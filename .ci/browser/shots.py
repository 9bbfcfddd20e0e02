"""Pictures of a page, wide and narrow, light and dark: `shots.py PAGE DIRECTORY [ADDRESS-WITHIN]`."""

import pathlib
import sys

from driver import Browser

page, directory = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2])
within = sys.argv[3] if len(sys.argv) > 3 else ""
directory.mkdir(parents=True, exist_ok=True)
with Browser() as browser:
    for width in (1440, 390):
        for scheme in ("light", "dark"):
            browser.look(width, 900 if width > 800 else 844, scheme)
            browser.open("about:blank")
            browser.open(f"{page.as_uri()}{within}")
            browser.picture(directory / f"{width}-{scheme}.png")
            browser.picture(directory / f"{width}-{scheme}-whole.png", whole=True)
