"""Instagram's documented limits: what lies at the limit passes, what lies beyond is refused."""

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.instagram import limits
from simulator.instagram.errors import InstagramRefusal

LETTER = "a"


def body(**message: Any) -> dict[str, Any]:
    return {"recipient": {"id": "1234567890"}, "message": message}


def reply(place: int, title: str = "Blue", payload: str = "x.1") -> dict[str, Any]:
    return {"content_type": "text", "title": f"{title}{place}"[:20], "payload": payload}


def template(**payload: Any) -> dict[str, Any]:
    return body(attachment={"type": "template", "payload": payload})


def cards(count: int, **element: Any) -> dict[str, Any]:
    made = [{"title": "Ankara", "subtitle": "2,500", **element} for _ in range(count)]
    return template(template_type="generic", elements=made)


def postback(title: str = "Add", payload: str = "x.1") -> dict[str, Any]:
    return {"type": "postback", "title": title, "payload": payload}


AT_THE_LIMIT = {
    "text": body(text=LETTER * 1000),
    "text in bytes": body(text="ọ" * 333),
    "thirteen replies": body(text="?", quick_replies=[reply(place) for place in range(13)]),
    "phone": body(text="?", quick_replies=[{"content_type": "user_phone_number"}]),
    "ten cards": cards(10, title=LETTER * 80, subtitle=LETTER * 80, buttons=[postback(LETTER * 20)] * 3),
    "buttons": template(template_type="button", text=LETTER * 640, buttons=[postback()] * 3),
    "picture": body(attachment={"type": "image", "payload": {"url": "http://x.test/a.jpg"}}),
    "action": {"recipient": {"id": "1"}, "sender_action": "typing_on"},
    "a person's answer": {**body(text="Hi"), "messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"},
}
BEYOND = {
    "nothing": {},
    "no object": ["text"],
    "no recipient": {"message": {"text": "x"}},
    "long text": body(text=LETTER * 1001),
    "long in bytes": body(text="ọ" * 334),
    "blank": body(text=" "),
    "text and picture": body(text="x", attachment={"type": "image", "payload": {"url": "http://x.test/a"}}),
    "fourteen replies": body(text="?", quick_replies=[reply(place) for place in range(14)]),
    "long title": body(text="?", quick_replies=[{**reply(1), "title": LETTER * 21}]),
    "eleven cards": cards(11),
    "four buttons": cards(1, buttons=[postback()] * 4),
    "long card title": cards(1, title=LETTER * 81),
    "card of a title alone": template(template_type="generic", elements=[{"title": "x"}]),
    "long button title": cards(1, buttons=[postback(LETTER * 21)]),
    "button template's text": template(template_type="button", text=LETTER * 641, buttons=[postback()]),
    "unknown key": body(text="x", colour="red"),
    "unknown template": template(template_type="hologram"),
    "file address": body(attachment={"type": "image", "payload": {"url": "file:///etc/passwd"}}),
    "unknown action": {"recipient": {"id": "1"}, "sender_action": "dance"},
    "another tag": {**body(text="x"), "tag": "ACCOUNT_UPDATE"},
}


@pytest.mark.parametrize("name", AT_THE_LIMIT)
def test_what_lies_at_the_limit_is_accepted(name: str) -> None:
    assert limits.check(AT_THE_LIMIT[name]) is AT_THE_LIMIT[name]


@pytest.mark.parametrize("name", BEYOND)
def test_what_lies_beyond_is_refused(name: str) -> None:
    with pytest.raises(InstagramRefusal) as refused:
        limits.check(BEYOND[name])
    assert refused.value.code == 100
    assert refused.value.body()["error"]["message"].startswith("(#100) ")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["text", "type", "payload", "attachment", "elements"]), inner)
    ),
    max_leaves=8,
)


@given(json_values)
def test_no_body_whatever_its_shape_does_more_than_be_refused(message: Any) -> None:
    with contextlib.suppress(InstagramRefusal):
        limits.check({"recipient": {"id": "1"}, "message": message})
