"""Instagram's messaging API: answers in its shape, echoes, seen messages, refusals."""

import json
from typing import Any

import httpx
import pytest

from simulator.settings import SELLERS, Shopper
from tests.simulator.conftest import ADA, SELLER, TOKEN, StandIn

ACCOUNT = SELLERS[0].instagram_id
ADDRESS = f"/instagram/v23.0/{ACCOUNT}/messages"
IGSID = Shopper("Ada", ADA).instagram_id(ACCOUNT)


async def say(stand_in: StandIn, message: dict[str, Any] | None = None, **more: Any) -> httpx.Response:
    body = {"recipient": {"id": IGSID}, **({"message": message} if message else {}), **more}
    return await stand_in.http.post(ADDRESS, json=body, headers=TOKEN)


def events(stand_in: StandIn) -> list[dict[str, Any]]:
    bodies = [json.loads(request.content) for request in stand_in.product.requests]
    return [event for body in bodies for event in body["entry"][0]["messaging"]]


async def test_a_send_is_answered_echoed_and_told_as_seen(stand_in: StandIn) -> None:
    answer = (await say(stand_in, {"text": "Ẹ káàárọ̀"})).json()
    assert answer["recipient_id"] == IGSID
    [message] = await stand_in.next(channel="instagram")
    assert (message["text"], message["id"]) == ("Ẹ káàárọ̀", answer["message_id"])
    await stand_in.http.post(f"/control/phones/{ADA}/chats/{SELLER}/read?channel=instagram")
    await stand_in.product.received(2)
    echo, seen = events(stand_in)
    assert (echo["sender"]["id"], echo["recipient"]["id"]) == (ACCOUNT, IGSID)
    assert echo["message"] == {"mid": message["id"], "is_echo": True, "text": "Ẹ káàárọ̀"}
    assert (seen["sender"]["id"], seen["read"]) == (IGSID, {"mid": message["id"]})


async def test_cards_buttons_and_quick_replies_are_offered_and_tapped(stand_in: StandIn) -> None:
    button = {"type": "postback", "title": "Add Blue", "payload": "m.0"}
    element = {"title": "Ankara", "image_url": "http://shop.test/photo.jpg", "buttons": [button]}
    template = {"template_type": "generic", "elements": [element]}
    await say(stand_in, {"attachment": {"type": "template", "payload": template}})
    quick = {"content_type": "text", "title": "No, thanks", "payload": "m.1"}
    await say(stand_in, {"text": "Or else?", "quick_replies": [quick]})
    card, question = await stand_in.next(channel="instagram", count=2)
    assert (card["cards"][0]["title"], card["choices"][0]["card"]) == ("Ankara", 0)
    assert card["cards"][0]["media"]
    assert [choice["title"] for choice in question["choices"]] == ["No, thanks"]
    for title in ("Add Blue", "No, thanks"):
        await stand_in.write(channel="instagram", type="tap", title=title)
    done = [event for event in events(stand_in) if event["sender"]["id"] == IGSID]
    assert done[0]["postback"]["payload"] == "m.0"
    assert done[1]["message"]["quick_reply"] == {"payload": "m.1"}
    assert done[1]["message"]["text"] == "No, thanks"


async def test_a_number_that_is_asked_for_is_shared_by_a_tap(stand_in: StandIn) -> None:
    await say(stand_in, {"text": "Your number?", "quick_replies": [{"content_type": "user_phone_number"}]})
    [question] = await stand_in.next(channel="instagram")
    assert question["ask"] == "phone"
    await stand_in.write(channel="instagram", type="tap", id="user_phone_number")
    message = next(event["message"] for event in events(stand_in) if event["sender"]["id"] == IGSID)
    assert (message["text"], message["quick_reply"]) == (f"+{ADA}", {"payload": f"+{ADA}"})


async def test_typing_and_seen_are_shown(stand_in: StandIn) -> None:
    sent = await stand_in.write(channel="instagram", type="text", text="Hi")
    answer = await say(stand_in, sender_action="typing_on")
    assert answer.json() == {"recipient_id": IGSID}
    state = (await stand_in.http.get("/phones/state")).json()
    [chat] = state["chats"]
    assert [(one["id"], one["status"]) for one in chat["messages"]] == [(sent["id"], "read")]


async def test_who_never_wrote_cant_be_written_to(stand_in: StandIn) -> None:
    body = {"recipient": {"id": "1000000000000000"}, "message": {"text": "Hi"}}
    answer = await stand_in.http.post(ADDRESS, json=body, headers=TOKEN)
    assert answer.status_code == 400
    assert answer.json()["error"]["error_subcode"] == 2534014


async def test_outside_the_window_only_a_person_may_answer(stand_in: StandIn) -> None:
    await stand_in.http.post(f"/control/phones/{ADA}/chats/{SELLER}/window/close?channel=instagram")
    refused = await say(stand_in, {"text": "Hi"})
    assert (refused.status_code, refused.json()["error"]["error_subcode"]) == (403, 2534022)
    allowed = await say(stand_in, {"text": "Hi"}, messaging_type="MESSAGE_TAG", tag="HUMAN_AGENT")
    assert allowed.status_code == 200


@pytest.mark.parametrize(
    ("path", "headers", "code"),
    [
        (ADDRESS, {}, 190),
        (ADDRESS, {"Authorization": "Bearer other"}, 190),
        ("/instagram/v23.0/17841499999999999/messages", TOKEN, 100),
        (f"/instagram/latest/{ACCOUNT}/messages", TOKEN, 2500),
    ],
)
async def test_who_may_not_send_gets_metas_error(
    stand_in: StandIn, path: str, headers: dict[str, str], code: int
) -> None:
    body = {"recipient": {"id": IGSID}, "message": {"text": "Hi"}}
    answer = await stand_in.http.post(path, json=body, headers=headers)
    assert answer.json()["error"]["code"] == code


async def test_a_picture_that_cant_be_fetched_is_refused_at_once(stand_in: StandIn) -> None:
    attachment = {"type": "image", "payload": {"url": "http://shop.test/missing.jpg"}}
    answer = await say(stand_in, {"attachment": attachment})
    assert (answer.status_code, answer.json()["error"]["error_subcode"]) == (400, 2018047)


async def test_a_shoppers_profile_and_file_can_be_fetched(stand_in: StandIn) -> None:
    profile = (await stand_in.http.get(f"/instagram/v23.0/{IGSID}", headers=TOKEN)).json()
    assert (profile["name"], profile["username"]) == ("Ada", "ada.4501")
    await stand_in.write(channel="instagram", type="image", photo="my-gate")
    [event] = events(stand_in)
    file = await stand_in.http.get(event["message"]["attachments"][0]["payload"]["url"])
    assert file.headers["content-type"] == "image/jpeg"
