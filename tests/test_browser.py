"""Which Chromium the tests with a page take."""

import os
from pathlib import Path

import pytest

from tests import browser

GOOD, BAD = "echo Chromium 1", "echo This is a stub; exit 1"


def put(path: Path, words: str) -> str:
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{words}\n")
    path.chmod(0o755)
    return str(path)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder of PATH."""
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return tmp_path / "bin"


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """The installers that were run, without their doing anything."""
    commands: list[tuple[str, ...]] = []
    monkeypatch.setattr(browser, "_run", lambda *command: commands.append(command))
    return commands


def test_a_chromium_that_does_not_start_is_passed_over(folder: Path, ran: list[tuple[str, ...]]) -> None:
    put(folder / "chromium", BAD)
    works = put(folder / "google-chrome", GOOD)
    assert browser.find_or_install("/nowhere") == works
    assert ran == []


def test_playwrights_own_is_taken_when_path_names_none(folder: Path, ran: list[tuple[str, ...]]) -> None:
    own = put(folder / "own" / "chrome", GOOD)
    assert browser.find_or_install(own) == own
    assert ran == []


def test_root_tries_playwright_with_its_libraries_then_the_system_then_tells(
    folder: Path, ran: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    put(folder / "apt-get", GOOD)
    own = put(folder / "own" / "chrome", BAD)
    with pytest.raises(pytest.fail.Exception, match="No Chromium was found, and none could be installed"):
        browser.find_or_install(own)
    assert ran[0][-3:] == ("install", "--with-deps", "chromium")
    assert [command[:2] for command in ran][1:] == [("apt-get", "update"), ("apt-get", "install")]


def test_others_than_root_install_nothing_into_the_system(
    folder: Path, ran: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    put(folder / "apt-get", GOOD)
    with pytest.raises(pytest.fail.Exception):
        browser.find_or_install("/nowhere")
    assert [command[-2:] for command in ran] == [("install", "chromium")]
