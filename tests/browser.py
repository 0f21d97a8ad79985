"""A Chromium for the tests that need a page: found on the machine, else installed, else a plain failure."""

import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
from playwright.async_api import Browser, async_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
HOW_TO = (
    "No Chromium was found, and none could be installed. Install one and run the tests again: "
    "`.venv/bin/python -m playwright install --with-deps chromium`, or `sudo apt-get install chromium`, "
    "or put a chromium or google-chrome on the PATH."
)
INSTALL_SECONDS = 900


def works(path: str) -> bool:
    """Whether a Chromium starts: a stub that names a package doesn't, nor one without its libraries."""
    try:
        done = subprocess.run(
            [path, "--version"], capture_output=True, check=False, timeout=60, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def find(own: str) -> str | None:
    """The first Chromium that starts, of those PATH names and ``own``, where Playwright keeps its own."""
    named = [path for name in NAMES if (path := shutil.which(name))]
    return next((path for path in (*named, own) if works(path)), None)


def install_by_playwright() -> None:
    """Playwright's own download; as root with the system's libraries it needs."""
    needed = ("--with-deps",) if os.geteuid() == 0 else ()
    _run(sys.executable, "-m", "playwright", "install", *needed, "chromium")


def install_by_system() -> None:
    """Debian's package, when this process may install one."""
    if os.geteuid() == 0 and shutil.which("apt-get"):
        _run("apt-get", "update")
        _run("apt-get", "install", "-y", "--no-install-recommends", "chromium")


def _run(*command: str) -> None:
    with suppress(OSError, subprocess.TimeoutExpired):
        subprocess.run(command, check=False, timeout=INSTALL_SECONDS, stdin=subprocess.DEVNULL)


def find_or_install(own: str) -> str:
    """The path of a Chromium that starts; ``own`` is where Playwright keeps its own.

    What can be installed is: by Playwright, then by the system. Else it fails the test with what to do.
    """
    path = find(own)
    for install in (install_by_playwright, install_by_system):
        if path is None:
            install()
            path = find(own)
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
