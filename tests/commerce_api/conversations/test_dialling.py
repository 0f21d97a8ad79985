"""Leafing through screens: whatever keys are pressed, in whatever order, one always stands on a real page."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.gsm import is_plain, septets
from channels.messages import InboundKind, InboundMessage, OutboundMessage
from channels.ussd import paging
from channels.ussd.paging import Answer, compile_screen
from channels.ussd.words import WORDS
from commerce_api.conversations import dialling, screens
from commerce_api.conversations.dialling import MOST_BEHIND, MOVES, Move
from commerce_api.conversations.models import HandledBy
from commerce_api.conversations.screen_models import ScreenMode, ScreenState
from commerce_api.core.clock import now

ENGLISH = WORDS["en"]
KEYS = st.lists(st.sampled_from([paging.MORE, "n", paging.BACK, paging.HOME, "", "an answer"]), max_size=40)
PAGES = st.integers(1, 6)

Json = dict[str, Any]


def screen_of(pages: int) -> Json:
    """A screen of so many pages, each as full as it gets."""
    lines = "\n".join(f"{'x' * 120} {place}" for place in range(pages))
    compiled = compile_screen([Answer("one", OutboundMessage(lines))], ENGLISH)
    assert len(compiled.pages) == pages
    return {**compiled.to_json(), "page": 0, "is_home": False}


def state_at(screen: Json) -> ScreenState:
    home = {"pages": ["Home"], "marks": {}, "is_last": False, "page": 0, "is_home": True}
    state = ScreenState(session_id="s", typed="", mode=ScreenMode.ANSWER, home=home, behind=[])
    dialling.put(state, home)
    dialling.put(state, screen)
    return state


def press(state: ScreenState, text: str) -> Move:
    """What the key does; what is said to the assistant is answered with a screen of two pages."""
    message = InboundMessage("s:1", "*1#", "+234", now(), InboundKind.TEXT, text=text)
    move = dialling._step(state, message, HandledBy.BOT).move
    MOVES[move](state)
    if move is Move.SAY:
        dialling.put(
            state, {"pages": [text, "more"], "marks": {}, "is_last": False, "page": 0, "is_home": False}
        )
    return move


@settings(deadline=None)
@given(pages=PAGES, keys=KEYS)
def test_whatever_is_pressed_a_real_page_is_shown_and_fits(pages: int, keys: list[str]) -> None:
    state = state_at(screen_of(pages))
    for key in keys:
        press(state, key)
        assert state.current is not None
        assert 0 <= state.current["page"] < len(state.current["pages"])
        assert len(state.behind) <= MOST_BEHIND
        shown, _ = screens._page(state, ENGLISH)
        assert is_plain(shown)
        assert septets(shown) <= paging.LIMIT


@settings(deadline=None)
@given(pages=PAGES, keys=st.lists(st.just(paging.MORE), max_size=30))
def test_back_undoes_more(pages: int, keys: list[str]) -> None:
    state = state_at(screen_of(pages))
    turned = [press(state, key) for key in keys if press_is_more(state, key)]
    for _ in turned:
        press(state, paging.BACK)
    assert state.current == screen_of(pages)


def press_is_more(state: ScreenState, key: str) -> bool:
    return dialling._key(state, key) is Move.MORE


@settings(deadline=None)
@given(pages=PAGES, keys=KEYS)
def test_home_is_reached_from_anywhere_and_left_again_by_back(pages: int, keys: list[str]) -> None:
    state = state_at(screen_of(pages))
    for key in keys:
        press(state, key)
    before = state.current
    press(state, paging.HOME)
    assert state.current is not None
    assert state.current["is_home"]
    press(state, paging.BACK)
    assert before in (state.current, state.home)


@pytest.mark.parametrize("key", ["98", "n", "N"])
def test_more_on_the_last_page_is_something_said(key: str) -> None:
    state = state_at({"pages": ["one"], "marks": {}, "is_last": False, "page": 0, "is_home": False})
    assert press(state, key) is Move.SAY


def test_back_on_the_first_screen_stays_there() -> None:
    state = state_at({"pages": ["one"], "marks": {}, "is_last": False, "page": 0, "is_home": False})
    for _ in range(5):
        press(state, paging.BACK)
    assert state.current == state.home
