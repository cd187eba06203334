"""One headless Chromium for the report tests, driven by selenium.

What may live here: starting it, opening a report in it as a person would see it, and asking it small things.
Without Chromium, chromedriver or selenium the tests skip and say why; where GRADFUZZ_REQUIRE_BROWSER is set,
they fail instead.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--hide-scrollbars", "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


class NoBrowserError(Exception):
    """What is missing on this machine, in words."""


class Browser:
    """A window with a report in it. `script` runs JavaScript in the page and returns its value."""

    def __init__(self, driver: Any) -> None:
        self.driver = driver
        self._command("Browser.grantPermissions", permissions=["clipboardReadWrite", "clipboardSanitizedWrite"])

    def open(
        self, report: Path, *, address: str = "", dark: bool = False, width: int = 1280, height: int = 900,
        media: str = "", scripts: bool = True,
    ) -> Browser:  # fmt: skip
        """Open a report from disk; `address` is what follows the file name ("?state=new#f-12")."""
        self.driver.get("about:blank")
        self.driver.get_log("performance")
        self.driver.get_log("browser")
        colours = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self._command("Emulation.setEmulatedMedia", media=media, features=[colours])
        self._command(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 600,
        )
        self._command("Emulation.setScriptExecutionDisabled", value=not scripts)
        self.driver.get(report.absolute().as_uri() + address)
        return self

    def script(self, text: str, *arguments: Any) -> Any:
        """The value of a JavaScript function body, a promise's once it is there."""
        return self.driver.execute_script(text, *arguments)

    def texts(self, selector: str) -> list[str]:
        """The text of every element that is shown."""
        return list(self.script(f"return {SHOWN}.map(one => one.textContent.trim())", selector))

    def count(self, selector: str) -> int:
        """How many elements are shown."""
        return len(self.texts(selector))

    def click(self, selector: str, text: str = "") -> None:
        """Click the first shown element that holds `text`."""
        found = self.script(f"return {SHOWN}.find(one => one.textContent.includes(arguments[1]))", selector, text)
        self.script("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", found)
        found.click()

    def keys(self, *words: str) -> None:
        """Type into whatever has the focus."""
        from selenium.webdriver import ActionChains

        ActionChains(self.driver).send_keys(*words).perform()

    def point_at(self, selector: str) -> None:
        """Move the pointer to the middle of an element."""
        from selenium.webdriver import ActionChains

        found = self.driver.find_element("css selector", selector)
        self.script("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", found)
        ActionChains(self.driver).move_to_element(found).perform()

    def until(self, condition: str, *arguments: Any) -> Any:
        """Wait until a JavaScript expression is true, and return its value."""
        from selenium.webdriver.support.ui import WebDriverWait

        return WebDriverWait(self.driver, 20, poll_frequency=0.02).until(
            lambda driver: driver.execute_script(f"return {condition}", *arguments)
        )

    def requests(self) -> list[str]:
        """Every address that the page asked for since it was opened, data: addresses left out."""
        events = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        sent = [one["params"]["request"]["url"] for one in events if one["method"] == "Network.requestWillBeSent"]
        return [url for url in sent if not url.startswith("data:")]

    def complaints(self) -> list[str]:
        """What stands in the browser's console."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def picture(self, path: Path, *, height: int | None = None, of: str = "html") -> Path:
        """A picture of an element, `height` pixels of it from its top or all."""
        box = self.script(
            "const one = document.querySelector(arguments[0]); one.style.contentVisibility = 'visible';"
            "const {x, y, width, height} = one.getBoundingClientRect();"
            "return [x + scrollX, y + scrollY, width, height]",
            of,
        )
        clip = {"x": box[0], "y": box[1], "width": box[2], "height": height or box[3], "scale": 1}
        shot = self._command("Page.captureScreenshot", captureBeyondViewport=True, clip=clip)
        path.write_bytes(base64.b64decode(shot["data"]))
        return path

    def _command(self, name: str, **arguments: Any) -> Any:
        return self.driver.execute_cdp_cmd(name, arguments)


SHOWN = "[...document.querySelectorAll(arguments[0])].filter(one => one.checkVisibility())"


@contextmanager
def chromium(directory: Path) -> Iterator[Browser]:
    """A browser with a new, empty profile in `directory`; NoBrowserError where it cannot be had."""
    try:
        from selenium import webdriver
        from selenium.webdriver.chrome.service import Service
    except ImportError:
        raise NoBrowserError("selenium is not installed (the extra gradfuzz[browser])") from None
    program = next(filter(None, map(shutil.which, NAMES)), None)
    driver_path = shutil.which("chromedriver")
    if program is None or driver_path is None:
        raise NoBrowserError("chromium and chromedriver are not both on the PATH")
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for flag in (*FLAGS, f"--user-data-dir={directory}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(driver_path, log_output=os.devnull))
    try:
        yield Browser(driver)
    finally:
        driver.quit()
