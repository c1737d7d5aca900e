"""The page in a real browser: items and their places, review, and a label that is saved."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import Select, WebDriverWait
from spacy.language import Language

import nlp_extract
from nlp_extract.learning.labelled import read_labelled
from nlp_extract.learning.training import train_components
from nlp_extract.learning.validation import validate
from nlp_extract.record.html import Entry, to_index
from tests.record import handmade
from tests.server.conftest import served

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
pytestmark = pytest.mark.skipif(
    not (CHROMIUM and DRIVER), reason="no Chromium: apt-get install chromium chromium-driver"
)
Browser = webdriver.Chrome


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    options = webdriver.ChromeOptions()
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"):
        options.add_argument(flag)
    options.binary_location = str(CHROMIUM)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(str(DRIVER)))
    yield driver
    driver.quit()


@pytest.fixture
def window(browser: Browser) -> Iterator[Callable[..., Browser]]:
    """Opens an address in a window of a size; at the end, nothing may have gone wrong in its console."""

    def open_(address: str, width: int = 1440, height: int = 900, scheme: str = "light") -> Browser:
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        feature = {"name": "prefers-color-scheme", "value": scheme}
        calm = {"name": "prefers-reduced-motion", "value": "reduce"}
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature, calm]})
        browser.get(address)
        return browser

    yield open_
    assert [row["message"] for row in browser.get_log("browser") if "favicon" not in row["message"]] == []


@pytest.fixture
def page(tmp_path: Path) -> str:
    """The record made by hand, as a file."""
    (tmp_path / "record.html").write_text(handmade.record().to_html(), "utf-8")
    return (tmp_path / "record.html").as_uri()


def one(browser: Browser | WebElement, selector: str) -> WebElement:
    return browser.find_element(By.CSS_SELECTOR, selector)


def item(browser: Browser, path: str) -> WebElement:
    return one(browser, f'[data-path="{path}"]')


def lit(browser: Browser) -> str:
    """What is lit up in the article, places apart."""
    return "|".join(e.text for e in browser.find_elements(By.CSS_SELECTOR, ".article .lit"))


def in_view(browser: Browser, element: WebElement) -> bool:
    script = """
        const box = arguments[0].getBoundingClientRect(), pane = arguments[0].closest('.pane').getBoundingClientRect();
        return box.top >= pane.top - 1 && box.bottom <= pane.bottom + 1"""
    return bool(browser.execute_script(script, element))


def until(browser: Browser, condition: Callable[[], Any]) -> Any:
    redrawn = (StaleElementReferenceException, NoSuchElementException)
    return WebDriverWait(browser, 10, ignored_exceptions=redrawn).until(lambda _: condition())


@pytest.mark.parametrize("width", [1440, 768])
def test_an_item_leads_to_its_place_and_back(window: Callable[..., Browser], page: str, width: int) -> None:
    browser = window(page, width, 600)
    challenge = item(browser, "details.challenges.0")
    one(challenge, "a.go").click()
    assert lit(browser).startswith("海运运力不足")
    place = browser.switch_to.active_element
    assert place.get_attribute("class") == "seg lit"
    assert in_view(browser, place)
    place.send_keys(Keys.ESCAPE)
    assert browser.switch_to.active_element == one(challenge, "a.go")
    assert in_view(browser, challenge)
    assert lit(browser) == ""


def test_an_item_with_several_places_goes_round_them(window: Callable[..., Browser], page: str) -> None:
    browser = window(page)
    link = one(item(browser, "places.0"), "a.go")
    seen = []
    for _ in range(4):
        link.click()
        seen.append(browser.switch_to.active_element.get_attribute("id"))
    assert len(set(seen[:3])) == 3
    assert seen[3] == seen[0]


def test_a_marked_place_leads_to_its_items(window: Callable[..., Browser], page: str) -> None:
    browser = window(page, height=500)
    one(browser, "#fold").click()
    policy = next(e for e in browser.find_elements(By.CSS_SELECTOR, ".article .s8.tint"))
    policy.click()
    entry = item(browser, "policies.0")
    assert entry.is_displayed()
    assert "lit" in (entry.get_attribute("class") or "")
    assert in_view(browser, entry)


def test_the_keyboard_alone_goes_from_place_to_place_to_item(window: Callable[..., Browser], page: str) -> None:
    browser = window(page)
    one(browser, "#article").send_keys(Keys.ARROW_RIGHT, Keys.NULL)
    first = browser.switch_to.active_element
    first.send_keys(Keys.ARROW_RIGHT)
    second = browser.switch_to.active_element
    assert first.get_attribute("data-items")
    assert first != second
    second.send_keys(Keys.ENTER)
    assert browser.switch_to.active_element.get_attribute("class") == "go"


def test_sections_and_words_filter(window: Callable[..., Browser], page: str) -> None:
    browser = window(page)
    one(browser, ".chip.s8").click()
    shown = [e for e in browser.find_elements(By.CSS_SELECTOR, "details.section") if e.is_displayed()]
    assert [e.get_attribute("data-section") for e in shown] == ["8"]
    assert browser.find_elements(By.CSS_SELECTOR, ".article .tint.s4:not(.off)") == []
    one(browser, ".chip.s8").click()
    one(browser, "#find").send_keys("电池护照")
    entries = [e for e in browser.find_elements(By.CSS_SELECTOR, ".item") if e.is_displayed()]
    assert entries
    assert all("电池护照" in e.text for e in entries)


def test_on_a_phone_article_and_sections_take_turns(window: Callable[..., Browser], page: str) -> None:
    browser = window(page, 390, 844)
    assert one(browser, "#article").is_displayed()
    assert not one(browser, "#record").is_displayed()
    one(browser, "[data-show=record]").click()
    link = one(item(browser, "policies.0"), "a.go")
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", link)
    link.click()
    assert one(browser, "#article").is_displayed()
    assert "欧盟电池" in lit(browser)
    one(browser, "[data-show=record]").click()
    assert in_view(browser, item(browser, "policies.0"))
    assert browser.execute_script("return document.documentElement.scrollWidth <= innerWidth")


def test_light_and_dark(window: Callable[..., Browser], page: str) -> None:
    def paper() -> str:
        return browser.execute_script("return getComputedStyle(document.querySelector('.page')).backgroundColor")

    browser = window(page, scheme="dark")
    dark = paper()
    one(browser, "#theme").click()
    light = paper()
    assert dark != light
    browser = window(page, scheme="light")
    assert paper() == light
    browser.execute_script("localStorage.clear()")


def test_nothing_is_fetched_and_no_script_of_an_article_runs(window: Callable[..., Browser], tmp_path: Path) -> None:
    import nlp_extract.record.model as m

    text = "<img src=x onerror=document.title='ran'><script>document.title='ran'</script>在北京。"
    place = m.Place(text="北京", start=text.index("北京"), end=text.index("北京") + 2, name="<b>'\"&", role="scene")
    record = m.KeyPointRecord(places=(place,), provenance=m.Provenance(version="0"))
    (tmp_path / "a.html").write_text(record.to_html(text), "utf-8")
    browser = window((tmp_path / "a.html").as_uri())
    assert browser.title == "要点记录"
    assert text in one(browser, "#article").text
    assert browser.execute_script("return performance.getEntriesByType('resource').length") == 0


def test_the_index_is_searched(window: Callable[..., Browser], tmp_path: Path) -> None:
    record = handmade.record()
    entries = [Entry(str(record.title), "1.html", record), Entry("坏的", None, None, "text must be a string")]
    (tmp_path / "index.html").write_text(to_index(entries), "utf-8")
    browser = window((tmp_path / "index.html").as_uri())
    find = one(browser, "#find")
    for words, count in (("", 2), ("小鹏 武汉", 1), ("坏", 1), ("没有这个", 0)):
        find.clear()
        find.send_keys(words + " ")
        assert sum(e.is_displayed() for e in browser.find_elements(By.CSS_SELECTOR, ".index li")) == count
        assert one(browser, "#live").text == f"{count} / 2 篇"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_axe_finds_nothing(window: Callable[..., Browser], page: str, width: int, scheme: str) -> None:
    browser = window(page, width, 4000, scheme)
    browser.execute_script(axe())
    for view in ("article", "record"):
        browser.execute_script("document.querySelector(`[data-show=${arguments[0]}]`).click()", view)
        assert violations(browser) == []


def test_axe_finds_nothing_in_review(window: Callable[..., Browser], by_heart: Language, given: dict[str, Any]) -> None:
    with served(by_heart) as address:
        browser = window(address)
        browser.execute_script(axe())
        assert violations(browser) == []
        extract(browser, given)
        one(browser, "#review").click()
        until(browser, lambda: browser.find_elements(By.CSS_SELECTOR, ".acts"))
        assert violations(browser) == []


def axe() -> str:
    """The checker's source: AXE names the file, else npm's global folder is looked into."""
    named = os.environ.get("AXE")
    if named is None and (npm := shutil.which("npm")):
        root = subprocess.run([npm, "root", "-g"], capture_output=True, text=True).stdout.strip()
        named = f"{root}/axe-core/axe.min.js"
    if named is None or not Path(named).is_file():
        pytest.skip("no axe-core: npm install -g axe-core, or AXE=path/to/axe.min.js")
    return Path(named).read_text("utf-8")


def violations(browser: Browser) -> list[Any]:
    script = """
        const done = arguments[0];
        axe.run().then((found) => done(found.violations.map((v) => [v.id, v.nodes.map((n) => n.html)])))"""
    return list(browser.execute_async_script(script))


def extract(browser: Browser, given: dict[str, Any]) -> None:
    browser.execute_script(
        """
        const form = document.querySelector('#input');
        for (const [name, value] of Object.entries(arguments[0])) form.elements[name].value = value;
        form.requestSubmit()""",
        given,
    )
    until(browser, lambda: one(browser, "#result").is_displayed())


def select(browser: Browser, surface: str) -> None:
    """Select a stretch of the article as a reader does, and let the mouse go."""
    browser.execute_script(
        """
        const walker = document.createTreeWalker(document.querySelector('.article'), NodeFilter.SHOW_TEXT);
        const nodes = [];
        while (walker.nextNode()) nodes.push(walker.currentNode);
        const whole = nodes.map((node) => node.data).join('');
        const spot = (at) => {
          for (const node of nodes) { if (at <= node.length) return [node, at];
            at -= node.length; }
        };
        const start = whole.indexOf(arguments[0]);
        getSelection().setBaseAndExtent(...spot(start), ...spot(start + arguments[0].length));
        document.querySelector('.article').dispatchEvent(new PointerEvent('pointerup', {bubbles: true}));""",
        surface,
    )


def test_review_corrects_adds_deletes_undoes_and_saves(
    window: Callable[..., Browser], by_heart: Language, labels: Path, given: dict[str, Any]
) -> None:
    with served(by_heart, labels=labels) as address:
        browser = window(address)
        extract(browser, given)
        one(browser, "#review").click()
        until(browser, lambda: browser.find_elements(By.CSS_SELECTOR, ".acts"))

        one(item(browser, "times.0"), "[data-act=accept]").click()
        assert one(browser, "#state").text.startswith("已接受 1 /")

        one(item(browser, "policies.0"), "[data-act=edit]").click()
        Select(one(browser, "dialog [name=kind]")).select_by_visible_text("条约")
        one(browser, "dialog [type=submit]").click()
        until(browser, lambda: "条约" in item(browser, "policies.0").text)

        one(item(browser, "details.figures.0"), "[data-act=edit]").click()
        value = one(browser, "dialog [name=text]")
        value.clear()
        value.send_keys("不在文中")
        one(browser, "dialog [type=submit]").click()
        assert "文中没有" in one(browser, "dialog .wrong").text
        value.clear()
        value.send_keys("85.5万辆")
        one(browser, "dialog [type=submit]").click()
        until(browser, lambda: "85.5万辆" in item(browser, "details.figures.0").text)

        select(browser, "工厂八成员工将在当地招聘")
        until(browser, lambda: browser.find_elements(By.CSS_SELECTOR, ".float"))
        Select(one(browser, ".float select")).select_by_visible_text("12 具体做法")
        one(browser, ".float button").click()
        assert one(browser, "dialog [name=text]").get_attribute("value") == "工厂八成员工将在当地招聘"
        one(browser, "dialog [type=submit]").click()
        until(browser, lambda: item(browser, "details.measures.1").is_displayed())

        for path in ("reactions.1", "reactions.0"):
            count = len(browser.find_elements(By.CSS_SELECTOR, "[data-path^=reactions]"))
            one(item(browser, path), "[data-act=delete]").click()
            until(
                browser, lambda n=count: len(browser.find_elements(By.CSS_SELECTOR, "[data-path^=reactions]")) == n - 1
            )
        one(browser, "#undo").click()
        until(browser, lambda: len(browser.find_elements(By.CSS_SELECTOR, "[data-path^=reactions]")) == 1)

        one(browser, "#save").click()
        until(browser, lambda: "已保存" in one(browser, "#state").text)

    assert validate(labels) == (1, [])
    label = json.loads(labels.read_text("utf-8"))
    assert ["《欧盟电池和废电池法规》", "treaty"] in label["policies"]
    assert "85.5万辆" in [row[2] for row in label["figures"]]
    assert "249万辆" not in [row[2] for row in label["figures"]]
    roles = [role for roles in label["roles"].values() for role in roles]
    assert roles.count("reaction") == 1
    assert roles.count("measure") == 2
    models = labels.parent / "models"
    train_components(["policies"], read_labelled(labels), models, folds=0)
    assert nlp_extract.load(models=models)("《电池法》")._.record.provenance.models


def test_an_item_is_added_without_a_mouse(
    window: Callable[..., Browser], by_heart: Language, given: dict[str, Any]
) -> None:
    with served(by_heart) as address:
        browser = window(address)
        extract(browser, given)
        one(browser, "#review").send_keys(Keys.ENTER)
        until(browser, lambda: one(browser, "#add").is_displayed())
        one(browser, "#add").send_keys(Keys.ENTER)
        Select(browser.switch_to.active_element).select_by_visible_text("6 主体行为")
        browser.switch_to.active_element.send_keys(Keys.TAB, Keys.ENTER)
        one(browser, "dialog [name=text]").send_keys("湖北省25日宣布设立20亿元汽车出海基金")
        one(browser, "dialog [name=subject]").send_keys("湖北省", Keys.TAB, "设立", Keys.TAB, "20亿元汽车出海基金")
        one(browser, "dialog [type=submit]").send_keys(Keys.ENTER)
        until(browser, lambda: "湖北省 → 设立 → 20亿元汽车出海基金" in item(browser, "actions.4").text)
        one(item(browser, "actions.0"), "[data-act=delete]").send_keys(Keys.ENTER)
        until(browser, lambda: not browser.find_elements(By.CSS_SELECTOR, '[data-path="actions.4"]'))
        held = browser.switch_to.active_element
        assert held == one(item(browser, "actions.0"), "[data-act=delete]")


def test_a_file_fills_the_form(window: Callable[..., Browser], by_heart: Language, tmp_path: Path) -> None:
    article = {"title": "标题", "text": "正文在北京。\n第二行", "published": "2025-06-27T08:00:00"}
    (tmp_path / "a.json").write_text(json.dumps(article), "utf-8")
    with served(by_heart) as address:
        browser = window(address)
        one(browser, "[type=file]").send_keys(str(tmp_path / "a.json"))
        until(browser, lambda: one(browser, "[name=text]").get_attribute("value") == article["text"])
        assert one(browser, "[name=title]").get_attribute("value") == "标题"
        assert one(browser, "[name=published]").get_attribute("value") == "2025-06-27"


def test_refusals_are_shown(window: Callable[..., Browser], by_heart: Language) -> None:
    with served(by_heart) as address:
        browser = window(address)
        browser.execute_script("document.querySelector('#input').elements.text.value = '长'.repeat(20001)")
        one(browser, "#input [type=submit]").click()
        until(browser, lambda: "20001" in one(browser, "#state").text)
        assert "wrong" in (one(browser, "#state").get_attribute("class") or "")
        browser.get_log("browser")  # the browser logs the refusal itself
