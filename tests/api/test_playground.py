"""The playground in a real Chromium: it loads, asks, and follows a stream."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from stockbook.api.pages import DIST
from tests.api.chromium import browser, found

BUILD = Path("server/stockbook/api/playground/build.py")
PICTURES = Path("build/pictures")
EDITOR = "document.querySelector('.graphiql-query-editor .CodeMirror')?.CodeMirror"
TYPE = EDITOR + ".setValue({text!r})"
READY = "document.querySelectorAll('.graphiql-query-editor .CodeMirror, .result-window .CodeMirror').length === 2"
OPEN = "document.querySelector('.examples') !== null"  # before that the panel opens, and the button moves
FOLLOW = """subscription Follow {
  stockEvents(after: "0") {
    sequence
    movement {
      verb
      legs {
        item { name }
        quantity
      }
    }
  }
}
"""
RESPONSE = "document.querySelector('.result-window .CodeMirror')?.CodeMirror.getValue() ?? ''"


async def execute(page):
    """Run what is in the editor, as soon as the page can."""
    await page.until(f"{READY} && {OPEN}")
    await page.click(".graphiql-execute-button")


@pytest.fixture(scope="module")
def built():
    made = subprocess.run([sys.executable, str(BUILD)], capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
    return DIST


async def test_the_page_and_all_it_is_made_of_come_from_here(serving, built):
    page = await serving.http.get("/graphql", headers={"accept": "text/html,application/xhtml+xml"})
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "default-src 'self'" in page.headers["content-security-policy"]
    for asset in ("main.js", "main.css", "icon.svg", "documents"):
        assert (await serving.http.get(f"/playground/{asset}")).status_code == 200
    assert (await serving.http.get("/playground/../app.py")).status_code == 404


@pytest.mark.skipif(found() is None, reason="no Chromium here (Debian: apt-get install chromium)")
async def test_in_a_browser(serving, trade, built):
    await trade.bring(quantity="7")
    async with browser(found()) as page:
        await page.open(f"{serving.address}/graphql#token={serving.token(trade.shop)}")
        await page.until("document.querySelectorAll('.examples li').length > 3")
        await page.until("document.querySelector('.bar .state.in') !== null")
        assert await page.js("location.hash") == "", "the token does not stay in the address"

        await execute(page)
        await page.until(f'({RESPONSE}).includes(\'"name": "Shop"\')')
        await page.picture(PICTURES / "playground.png")

        assert await page.js(
            "(() => { const all = [...document.querySelectorAll('.examples button')];"
            " const one = all.find((each) => each.textContent.includes('Board')); one.click();"
            " return document.querySelector('.graphiql-query-editor .CodeMirror').CodeMirror.getValue(); })()"
        ), "an example is put into the editor"

        await page.js(TYPE.format(text=FOLLOW))
        await page.js(TYPE.replace("query-editor", "editor-tool").format(text=""))  # its variables were the example's
        await asyncio.sleep(1)  # the editor takes note of what was typed after a pause
        await execute(page)
        await page.until(f"({RESPONSE}).includes('PUT_AWAY')")
        await trade.sell(quantity="2.5")
        await page.until(f"({RESPONSE}).includes('SELL') && ({RESPONSE}).includes('\"2.5\"')")
        await page.picture(PICTURES / "subscription.png")

        assert page.said == [], "the console stays clean"
        strangers = {each for each in page.asked if not each.startswith(("data:", "blob:"))}
        host = serving.address.removeprefix("http://")
        assert all(each.split("//")[1].startswith(host) for each in strangers), strangers


@pytest.mark.skipif(found() is None, reason="no Chromium here (Debian: apt-get install chromium)")
@pytest.mark.parametrize(("language", "says"), [("zh-CN", "示例"), ("de-DE", "Examples"), ("en-GB", "Examples")])
async def test_it_speaks_the_browsers_language_alone(serving, built, language, says):
    async with browser(found()) as page:
        await page.speak(language)
        await page.open(f"{serving.address}/graphql#token={serving.token(1)}")
        await page.until("document.querySelectorAll('.examples li').length > 3")
        assert await page.js("document.querySelector('.examples h2').textContent") == says
        words = await page.js(
            "document.querySelector('.bar').textContent + document.querySelector('.examples p').textContent"
        )
        assert any("一" <= letter <= "鿿" for letter in words) == (language == "zh-CN"), words
        await page.picture(PICTURES / f"playground-{language}.png")


@pytest.mark.skipif(found() is None, reason="no Chromium here (Debian: apt-get install chromium)")
async def test_without_a_token_it_says_what_to_do(serving, built):
    async with browser(found()) as page:
        await page.open(f"{serving.address}/graphql")
        await page.until("document.querySelector('.bar .state')?.textContent.includes('stockbook token')")
        await page.picture(PICTURES / "signed_out.png")
        await page.click("#token")
        await page.write(serving.token(1))
        await page.click(".bar form button")
        await page.until("document.querySelector('.bar .state.in') !== null")
        # what stood there stays, as soon as there is an editor
        await page.until(f"{EDITOR}?.getValue().includes('query Me')")
        await page.until(f"{EDITOR}.options.hintOptions.schema != null")  # words are completed from now on
        await execute(page)
        await page.until(f"({RESPONSE}).includes('Operator')")
