"""Dialling, as a network does it: forms out, screens back, and every way a session ends."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from simulator import ussd
from simulator.chats import now
from tests.simulator.conftest import ADA, CALLBACK_KEY, SELLER, StandIn

CODE = "*384*1001#"


def form_of(request: httpx.Request) -> dict[str, str]:
    pairs = parse_qs(request.content.decode(), keep_blank_values=True)
    return {name: values[0] for name, values in pairs.items()}


def answer(stand_in: StandIn, text: str) -> None:
    stand_in.product.words = ("text/plain", text)


async def act(stand_in: StandIn, verb: str, status: int = 200, **facts: Any) -> dict[str, Any]:
    said = await stand_in.http.post(f"/control/phones/{ADA}/ussd/{verb}", json={"seller": SELLER, **facts})
    assert said.status_code == status, said.text
    session: dict[str, Any] = said.json() if said.content else {}
    return session


async def test_each_step_carries_everything_typed_so_far(stand_in: StandIn) -> None:
    answer(stand_in, "CON Welcome\n1. Browse")
    session = await act(stand_in, "dial")
    assert (session["screen"], session["is_open"], session["trouble"]) == ("Welcome\n1. Browse", True, None)
    await act(stand_in, "type", text="1")
    await act(stand_in, "type", text="12 Marina")
    first, *_, last = [form_of(request) for request in stand_in.product.requests]
    assert first == {
        "sessionId": session["session"],
        "serviceCode": CODE,
        "phoneNumber": f"+{ADA}",
        "networkCode": "62130",
        "text": "",
    }
    assert last == {**first, "text": "1*12 Marina"}
    url = stand_in.product.requests[0].url
    assert url.path == f"/webhooks/ussd_africastalking/{CALLBACK_KEY}/webhook"


async def test_end_ends_the_session_and_a_new_dial_begins_another(stand_in: StandIn) -> None:
    answer(stand_in, "END Thank you")
    session = await act(stand_in, "dial")
    assert (session["screen"], session["is_open"]) == ("Thank you", False)
    await act(stand_in, "type", status=409, text="1")
    assert (await act(stand_in, "dial"))["session"] != session["session"]


@pytest.mark.parametrize("spoken", ["Welcome", "", "con hello", "CONTINUE"])
async def test_an_answer_that_is_no_screen_ends_the_session(stand_in: StandIn, spoken: str) -> None:
    answer(stand_in, spoken)
    session = await act(stand_in, "dial")
    assert (session["screen"], session["is_open"]) == (ussd.BROKEN, False)
    assert "CON or END" in session["trouble"]


@pytest.mark.parametrize("status", [400, 403, 500, 503])
async def test_an_error_ends_the_session(stand_in: StandIn, status: int) -> None:
    answer(stand_in, "CON Welcome")
    stand_in.product.answers = [status]
    session = await act(stand_in, "dial")
    assert (session["is_open"], session["answers"]) == (False, [status])


async def test_a_product_that_does_not_answer_in_time_ends_the_session(stand_in: StandIn) -> None:
    stand_in.product.answers = [httpx.ReadTimeout("too slow")]
    session = await act(stand_in, "dial")
    assert (session["is_open"], session["answers"]) == (False, [None])


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("x" * 182, None),
        ("x" * 183, "183 letters"),
        ("€" * 92, "184 letters"),
        ("₦2,500", "may not show '₦'"),
        ("Ẹ káàbọ̀", "may not show"),
    ],
)
async def test_a_screen_a_phone_cannot_show_is_found_fault_with(
    stand_in: StandIn, text: str, fault: str | None
) -> None:
    answer(stand_in, f"CON {text}")
    trouble = (await act(stand_in, "dial"))["trouble"]
    assert trouble is None if fault is None else fault in trouble


async def test_a_dropped_session_is_gone_and_nobody_is_told(stand_in: StandIn) -> None:
    answer(stand_in, "CON Welcome")
    await act(stand_in, "dial")
    await act(stand_in, "drop", status=204)
    await act(stand_in, "type", status=409, text="1")
    assert len(stand_in.product.requests) == 1


async def test_a_session_lasts_three_minutes(stand_in: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    answer(stand_in, "CON Welcome")
    await act(stand_in, "dial")
    later = now() + ussd.LASTS + timedelta(seconds=1)
    monkeypatch.setattr(ussd, "now", lambda: later)
    session = await act(stand_in, "type", text="1")
    assert (session["screen"], session["is_open"]) == (ussd.TIMED_OUT, False)


async def test_copies_of_a_step_are_posted_at_once(stand_in: StandIn) -> None:
    answer(stand_in, "CON Welcome")
    session = await act(stand_in, "dial", copies=3)
    assert session["answers"] == [200] * 3
    assert session["copies"] == ["CON Welcome"] * 3
    assert len({request.content for request in stand_in.product.requests}) == 1


async def test_a_longer_code_and_a_forged_key_can_be_dialled(stand_in: StandIn) -> None:
    answer(stand_in, "CON Welcome")
    await act(stand_in, "dial", more="5")
    await act(stand_in, "dial", key="guess")
    await act(stand_in, "dial", key="")
    more, forged, keyless = stand_in.product.requests
    assert form_of(more)["text"] == "5"
    assert forged.url.path.endswith("/ussd_africastalking/guess/webhook")
    assert keyless.url.path.endswith("/ussd_africastalking/webhook")


async def test_a_reset_forgets_the_sessions(stand_in: StandIn) -> None:
    answer(stand_in, "CON Welcome")
    await act(stand_in, "dial")
    assert (await stand_in.http.post("/control/reset")).status_code == 204
    assert (await stand_in.http.get(f"/phones/{ADA}/ussd/{SELLER}")).json() == {"session": None}
