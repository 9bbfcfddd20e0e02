"""The picture of the README: `readme.py PAGE`, as the first screen of that page looks."""

import pathlib
import sys

from driver import Browser

page = pathlib.Path(sys.argv[1]).resolve()
with Browser() as browser:
    browser.look(1440, 860)
    browser.open(page.as_uri())
    browser.picture(pathlib.Path(__file__).resolve().parents[2] / ".readme/report.png")
