"""How many conversations go as they should: the scripts of the scoreboard, played on a whole running system.

    python -m benchmarks.conversations [--only WORDS] [--show] [--write] [--folder DIR]

The scripts are in ``bot/scoreboard/scripts``. Starts a system with the demo sellers; each script is a new
shopper's talk with one of them over signed WhatsApp webhooks, several at a time. Prints the share that passed
by language, and for each that failed what was said and what was expected. ``--only`` runs those with these
words in their name; ``--show`` prints every talk; ``--write`` puts the table into ``docs/scoreboard.md``.
Exits with 1 below the floor.

A script has a ``name``, a ``seller`` (slug), and ``turns``: what the shopper ``say``s or ``tap``s, and of the
answer what it ``hears`` (all of these words), ``hears_any`` of, ``never`` hears and what it ``offers``. At
the end it may look at the ``cart`` (name to amount), at who it is ``handled_by`` and the latest order's
``order`` state.
"""

import argparse
import contextlib
import itertools
import os
import shutil
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import yaml

from stack import beside
from stack.beside import RunningSystem
from stack.settings import ROOT
from tests.journeys.desk import Desk
from tests.journeys.phones import Phone, Reply, plain

type Json = dict[str, Any]

SCRIPTS = ROOT / "bot" / "scoreboard" / "scripts"
PAGE = ROOT / "docs" / "scoreboard.md"
TITLE = "## Conversations"
FLOOR = 0.95
AT_ONCE = 3
TRIES, PAUSE = 30, 1.0
PATIENCE = 150.0
"""Longer than any turn may take: how fast an answer came is no part of how good it is."""
PASSWORD = "demo-market-2026"  # noqa: S105 -- the demo's, printed by `make run`
SELLERS = {
    "mama-ngozi": ("100000000000001", "ngozi@demo.example", "23480"),
    "duka-amina": ("100000000000002", "amina@demo.example", "25471"),
    "chez-awa": ("100000000000003", "awa@demo.example", "22507"),
}
NAMES = {
    "en": "English",
    "pcm": "Nigerian Pidgin",
    "sw": "Swahili",
    "fr": "French",
    "ha": "Hausa",
    "yo": "Yorùbá",
    "mixed": "mixed",
}


@dataclass(frozen=True)
class Script:
    """One conversation as a shopper means it to go."""

    name: str
    language: str
    seller: str
    turns: tuple[Json, ...]
    ends: Json


@dataclass
class Played:
    """A script with what was said, and what went wrong."""

    script: Script
    talk: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def load(folder: Path = SCRIPTS) -> list[Script]:
    """Every script, by file; a file is named after its language. Raises KeyError for one without turns."""
    return [
        Script(
            name=told["name"],
            language=path.stem,
            seller=told.get("seller", "mama-ngozi"),
            turns=tuple(told["turns"]),
            ends={key: told[key] for key in ("cart", "handled_by", "order") if key in told},
        )
        for path in sorted(folder.glob("*.yml"))
        for told in yaml.safe_load(path.read_text(encoding="utf-8"))
    ]


def _warm_up(system: RunningSystem, number: int) -> None:
    """The first words of each seller's day load what later ones find loaded, and are nobody's script."""
    for seller, _, country in SELLERS.values():
        for words in ("hello", "my cart"):
            with contextlib.suppress(AssertionError):
                Phone(system, f"{country}{number:08d}", seller, patience=PATIENCE).say(words)


def play(system: RunningSystem, script: Script, number: int) -> Played:
    """Has a new shopper talk by the script, up to the first answer that isn't as expected."""
    seller, _, country = SELLERS[script.seller]
    phone = Phone(system, f"{country}{number:08d}", seller, patience=PATIENCE)
    played = Played(script)
    try:
        for turn in script.turns:
            reply = _take(phone, turn)
            played.talk.append(f"> {turn.get('say') or '[' + str(turn.get('tap')) + ']'}\n{_shown(reply)}")
            played.faults += _misses(turn, reply)
            if played.faults:
                return played
        played.faults += _ends(system, script, phone)
    except AssertionError as error:
        played.faults.append(str(error))
    return played


def _take(phone: Phone, turn: Json) -> Reply:
    for _ in range(TRIES):
        try:
            return phone.say(str(turn["say"])) if "say" in turn else phone.tap(str(turn["tap"]))
        except AssertionError as error:
            # As a provider does, whose webhook was not taken.
            if "503" not in str(error):
                raise
            time.sleep(PAUSE)
    raise AssertionError(f"the webhook was refused {TRIES} times")


def _shown(reply: Reply) -> str:
    choices = " ".join(f"[{title}]" for title in reply.choices)
    return f"{reply.text}\n{choices}".strip()


def _misses(turn: Json, reply: Reply) -> Iterator[str]:
    said = plain(reply.everything)
    for words in _all(turn.get("hears")):
        if plain(words) not in said:
            yield f"{words!r} was not said"
    several = _all(turn.get("hears_any"))
    if several and not any(plain(words) in said for words in several):
        yield f"none of {several} was said"
    yield from (f"{words!r} was said" for words in _all(turn.get("never")) if plain(words) in said)
    yield from (f"{title!r} was not offered" for title in _all(turn.get("offers")) if not reply.offers(title))


def _all(value: Any) -> list[str]:
    if value is None:
        return []
    return [str(one) for one in value] if isinstance(value, list) else [str(value)]


def _ends(system: RunningSystem, script: Script, phone: Phone) -> Iterator[str]:
    if not script.ends:
        return
    desk = _sign_in(system, SELLERS[script.seller][1])
    conversation = desk.conversation(phone.conversation_id)
    if "handled_by" in script.ends and conversation["handled_by"] != script.ends["handled_by"]:
        yield f"the conversation is handled by {conversation['handled_by']}"
    if "cart" in script.ends:
        lines = desk.get(f"/conversations/{conversation['id']}/cart")["lines"]
        cart = {_named(line): line["quantity"] for line in lines}
        if cart != script.ends["cart"]:
            yield f"the cart holds {cart}"
    if "order" in script.ends:
        orders = desk.get(f"/orders?conversation_id={conversation['id']}")["items"]
        state = orders[0]["state"] if orders else None
        if state != script.ends["order"]:
            yield f"the order is {state}"


def _named(line: Json) -> str:
    variant = f" ({line['variant']})" if line["variant"] else ""
    return f"{line['product']['name']}{variant}"


def _sign_in(system: RunningSystem, email: str) -> Desk:
    form = {"username": email, "password": PASSWORD}
    answer = httpx.post(f"{system.api}/api/v1/auth/token", data=form, timeout=PATIENCE)
    return Desk(f"{system.api}/api/v1", answer.json()["access_token"])


def table(played: list[Played]) -> str:
    """By language how many scripts passed, as Markdown."""
    rows = ["| | scripts | passed |", "|---|---:|---:|"]
    for language, name in NAMES.items():
        own = [one for one in played if one.script.language == language]
        if own:
            rows.append(f"| {name} | {len(own)} | {100 * _share(own):.1f} % |")
    return "\n".join([*rows, f"| all | {len(played)} | {100 * _share(played):.1f} % |"])


def _share(played: list[Played]) -> float:
    return sum(not one.faults for one in played) / len(played) if played else 0.0


def write(text: str) -> None:
    """Puts the table under its title at the end of the scoreboard's page."""
    page = PAGE.read_text(encoding="utf-8").partition(TITLE)[0].rstrip() if PAGE.exists() else ""
    told = f"`make score` on `bot/scoreboard/scripts/`; the floor is {100 * FLOOR:.0f} %."
    PAGE.write_text(f"{page}\n\n{TITLE}\n\n{told}\n\n{text}\n", encoding="utf-8")


def main(arguments: list[str]) -> int:
    """Plays and prints; the exit code."""
    parser = argparse.ArgumentParser(prog="scripts", description=__doc__)
    parser.add_argument("--only", default="")
    parser.add_argument("--show", action="store_true")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--folder", type=Path, default=ROOT / ".data" / f"scripts-{os.getpid()}")
    chosen = parser.parse_args(arguments)
    scripts = [one for one in load() if chosen.only in f"{one.language} {one.name}"]
    system = beside.start(chosen.folder)
    try:
        numbers = itertools.count(int(time.time()) % 10**7 * 10)
        _warm_up(system, next(numbers))
        began = time.monotonic()
        with ThreadPoolExecutor(AT_ONCE) as people:
            played = list(people.map(lambda script: play(system, script, next(numbers)), scripts))
    finally:
        system.stop()
        shutil.rmtree(chosen.folder, ignore_errors=True)
    for one in played:
        if one.faults or chosen.show:
            head = f"--- {one.script.language}: {one.script.name}"
            sys.stdout.write("\n".join([head, *one.talk, *(f"!! {fault}" for fault in one.faults), ""]))
    text = table(played)
    sys.stdout.write(f"\n{text}\n\n{time.monotonic() - began:.0f} s\n")
    if chosen.write:
        write(text)
    return 1 if _share(played) < FLOOR else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
