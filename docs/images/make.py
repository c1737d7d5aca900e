"""The screenshots of the page, made again: `python docs/images/make.py` (Chromium, its driver, and a CJK font)."""

import json
import sys
import tempfile
import time
from pathlib import Path

from PIL import Image
from selenium import webdriver
from selenium.webdriver.common.by import By

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

import nlp_extract  # noqa: E402
from tests.server.conftest import served  # noqa: E402
from tests.server.test_browser import CHROMIUM, DRIVER, FLAGS, extract, item, one, until  # noqa: E402

SHOW = "arguments[0].closest('details').scrollIntoView(); nlpExtract.light([arguments[0].dataset.item])"


def window(width: int, height: int, scheme: str, profile: str) -> webdriver.Chrome:
    """A browser window of a size."""
    options = webdriver.ChromeOptions()
    for flag in (*FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.binary_location = str(CHROMIUM)
    browser = webdriver.Chrome(options=options, service=webdriver.ChromeService(str(DRIVER)))
    size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    feature = {"name": "prefers-color-scheme", "value": scheme}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
    return browser


def save(browser: webdriver.Chrome, name: str) -> None:
    """Write a screenshot, with few colours: it is text."""
    time.sleep(1)  # transitions
    path = Path(__file__).with_name(f"{name}.png")
    browser.save_screenshot(str(path))
    Image.open(path).convert("RGB").quantize(96, dither=Image.Dither.NONE).save(path, optimize=True)
    browser.quit()


def main() -> None:
    """Take all of them."""
    article = json.loads((ROOT / "data" / "articles" / "car_makers_abroad.json").read_text("utf-8"))
    nlp = nlp_extract.load()
    with tempfile.TemporaryDirectory() as profile:
        page = Path(profile) / "page.html"
        record = nlp_extract.extract(**article, nlp=nlp)
        page.write_text(record.to_html(), "utf-8")
        shown = next((i for i, a in enumerate(record.actions) if a.predicate.text == "签署"), 0)
        for name, width, height, scheme in (
            ("page", 1280, 800, "light"), ("page-dark", 1280, 800, "dark"), ("phone", 390, 760, "light"),
        ):  # fmt: skip
            browser = window(width, height, scheme, profile)
            browser.get(page.as_uri())
            if name == "page":
                browser.execute_script(SHOW, item(browser, f"actions.{shown}"))
            save(browser, name)
        with served(nlp, labels=Path(profile) / "labels.jsonl") as address:
            browser = window(1280, 800, "light", profile)
            browser.get(address)
            extract(browser, article)
            one(browser, "#review").click()
            until(browser, lambda: browser.find_elements(By.CSS_SELECTOR, ".acts"))
            one(item(browser, "times.0"), "[data-act=accept]").click()
            browser.execute_script(SHOW, item(browser, "details.figures.0"))
            save(browser, "review")


if __name__ == "__main__":
    main()
