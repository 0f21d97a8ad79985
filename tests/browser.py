"""A Chromium for the tests that need a page: found on the machine, else installed, else a plain failure."""

import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
HOW_TO = (
    "No Chromium was found, and none could be installed. Install one and run the tests again: "
    "`.venv/bin/python -m playwright install --with-deps chromium`, or `sudo apt-get install chromium`, "
    "or put a chromium or google-chrome on the PATH."
)
INSTALL_SECONDS = 900


def on_path() -> str | None:
    """The first Chromium that PATH names."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


def install_by_playwright(own: str) -> str | None:
    """Playwright's own download; ``own`` is where it ends up."""
    _run(sys.executable, "-m", "playwright", "install", "chromium")
    return own if Path(own).exists() else None


def install_by_system() -> str | None:
    """Debian's package, when this process may install one."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return None
    _run("apt-get", "update")
    _run("apt-get", "install", "-y", "--no-install-recommends", "chromium")
    return on_path()


def _run(*command: str) -> None:
    subprocess.run(command, check=False, timeout=INSTALL_SECONDS, stdin=subprocess.DEVNULL)


def find_or_install(own: str) -> str:
    """The path of a Chromium; ``own`` is where Playwright keeps its own. Fails the test with what to do."""
    found = on_path() or (own if Path(own).exists() else None)
    path = found or install_by_playwright(own) or install_by_system()
    if path is None:
        pytest.fail(HOW_TO)
    return path


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """A headless Chromium for the whole run. Each test opens a context of its own."""
    async with async_playwright() as playwright:
        path = find_or_install(playwright.chromium.executable_path)
        # Inside containers and as root there is no sandbox to be had; the pages are our own.
        browser = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        await browser.close()
