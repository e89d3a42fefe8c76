"""Headless Chromium, driven by Selenium; where there is none, tests say so and are skipped."""

import shutil
from contextlib import contextmanager

import pytest

OPTIONS = (
    "--headless=new",
    # a container has neither a user of its own for the browser nor a large /dev/shm
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--enable-unsafe-swiftshader",
    "--window-size=1300,1000",
    # nothing may be fetched: whatever is asked for fails
    "--host-resolver-rules=MAP * ~NOTFOUND",
)


def programs():
    """Chromium and its driver; skips the test where one of them or Selenium is absent."""
    pytest.importorskip("selenium.webdriver", reason="Selenium is not installed")
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    driver = shutil.which("chromedriver")
    if browser is None or driver is None:
        pytest.skip("there is no Chromium with its driver: apt-get install chromium chromium-driver")
    return browser, driver


@contextmanager
def chromium():
    """A browser that knows no network, and logs what pages say."""
    browser, driver = programs()
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = browser
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    for option in OPTIONS:
        options.add_argument(option)
    opened = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    try:
        opened.set_page_load_timeout(60)
        yield opened
    finally:
        opened.quit()


def errors_of(browser):
    """What the page has logged as an error."""
    return [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"]
