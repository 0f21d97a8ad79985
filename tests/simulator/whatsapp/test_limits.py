"""Meta's documented limits: what lies at the limit passes, what lies beyond is refused with Meta's code."""

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.whatsapp import limits
from simulator.whatsapp.errors import GraphRefusal

LETTER = "a"
PIN = {"name": "send_location"}


def message(kind: str, part: Any, **more: Any) -> dict[str, Any]:
    return {"messaging_product": "whatsapp", "to": "2348031234501", "type": kind, kind: part, **more}


def interactive(kind: str, action: Any, **more: Any) -> dict[str, Any]:
    return message("interactive", {"type": kind, "body": {"text": "Choose"}, "action": action, **more})


def buttons(*replies: tuple[str, str], **more: Any) -> dict[str, Any]:
    made = [{"type": "reply", "reply": {"id": id_, "title": title}} for id_, title in replies]
    return interactive("button", {"buttons": made}, **more)


def sections(*made: dict[str, Any], button: str = "Open", **more: Any) -> dict[str, Any]:
    return interactive("list", {"button": button, "sections": list(made)}, **more)


def listed(*rows: dict[str, Any], button: str = "Open", **section: Any) -> dict[str, Any]:
    return sections({"rows": list(rows), **section}, button=button)


def row(place: int, **more: Any) -> dict[str, Any]:
    return {"id": f"row.{place}", "title": f"Row {place}", **more}


def link(title: str = "Pay", url: str = "https://shop.test/pay") -> dict[str, Any]:
    return interactive("cta_url", {"name": "cta_url", "parameters": {"display_text": title, "url": url}})


def code_of(body: Any) -> int:
    with pytest.raises(GraphRefusal) as refused:
        limits.check(body)
    assert refused.value.body()["error"]["error_data"]["details"]
    return refused.value.code


SIX = [row(place) for place in range(6)]
FIVE = [row(place) for place in range(6, 11)]

AT_THE_LIMIT = {
    "text": message("text", {"body": LETTER * 4096, "preview_url": True}),
    "interactive body": interactive(
        "location_request_message", {"name": "send_location"}, body={"text": LETTER * 1024}
    ),
    "three buttons": buttons(*((f"{n}" + "i" * 255, f"{n}" + "t" * 19) for n in range(3))),
    "button with picture": buttons(
        ("a", "A"), header={"type": "image", "image": {"link": "http://x.test/a.jpg"}}
    ),
    "ten rows": listed(*(row(n) for n in range(10)), button=LETTER * 20),
    "row": listed({"id": LETTER * 200, "title": LETTER * 24, "description": LETTER * 72}, title=LETTER * 24),
    "header and footer": buttons(
        ("a", "A"), header={"type": "text", "text": LETTER * 60}, footer={"text": LETTER * 60}
    ),
    "link": link(LETTER * 20, "http://127.0.0.1:8010/gateway/pay/x"),
    "caption": message("image", {"link": "http://127.0.0.1:8000/a.jpg", "caption": LETTER * 1024}),
    "tracker": message("text", {"body": "x"}, biz_opaque_callback_data=LETTER * 512),
    "location": message("location", {"latitude": -90, "longitude": 180.0, "name": "x"}),
    "reaction taken back": message("reaction", {"message_id": "wamid.x", "emoji": ""}),
    "template": message("template", {"name": "order_update", "language": {"code": "en"}}),
    "user id": {**message("text", {"body": "x"}), "to": "", "recipient": "NG.abc123"},
}

BEYOND: dict[str, tuple[int, Any]] = {
    "no product": (131008, {"to": "2348031234501", "type": "text", "text": {"body": "x"}}),
    "another product": (100, {**message("text", {"body": "x"}), "messaging_product": "sms"}),
    "not an object": (100, ["text"]),
    "number with letters": (131009, {**message("text", {"body": "x"}), "to": "abcdefgh"}),
    "nobody": (131009, {**message("text", {"body": "x"}), "to": ""}),
    "unknown type": (131051, message("hologram", {})),
    "type that is no word": (131051, {**message("text", {"body": "x"}), "type": ["text"]}),
    "empty text": (131008, message("text", {"body": ""})),
    "blank text": (131009, message("text", {"body": " \n"})),
    "long text": (131009, message("text", {"body": LETTER * 4097})),
    "text that is no text": (100, message("text", {"body": 5})),
    "unknown key": (100, message("text", {"body": "x", "colour": "red"})),
    "unknown key outside": (100, {**message("text", {"body": "x"}), "texts": "x"}),
    "long body": (131009, interactive("location_request_message", PIN, body={"text": LETTER * 1025})),
    "no body": (131008, message("interactive", {"type": "location_request_message", "action": PIN})),
    "no buttons": (131009, buttons()),
    "four buttons": (131009, buttons(*((str(n), str(n)) for n in range(4)))),
    "long title": (131009, buttons(("a", LETTER * 21))),
    "empty title": (131008, buttons(("a", ""))),
    "long id": (131009, buttons((LETTER * 257, "A"))),
    "same id": (131009, buttons(("a", "A"), ("a", "B"))),
    "same title": (131009, buttons(("a", "A"), ("b", "A"))),
    "eleven rows": (131009, listed(*(row(n) for n in range(11)))),
    "eleven rows in two": (131009, sections({"title": "A", "rows": SIX}, {"title": "B", "rows": FIVE})),
    "untitled sections": (131008, sections({"rows": SIX}, {"rows": FIVE[:1]})),
    "long opener": (131009, listed(row(1), button=LETTER * 21)),
    "long row title": (131009, listed(row(1) | {"title": LETTER * 25})),
    "long description": (131009, listed(row(1, description=LETTER * 73))),
    "long row id": (131009, listed(row(1) | {"id": LETTER * 201})),
    "same row id": (131009, listed(row(1), row(1))),
    "picture over a list": (131009, sections({"rows": SIX}, header={"type": "image", "image": {"id": "1"}})),
    "long link title": (131009, link(LETTER * 21)),
    "link without scheme": (131009, link(url="shop.test/pay")),
    "link of another scheme": (131009, link(url="javascript:alert(1)")),
    "picture without address": (131008, message("image", {"caption": "x"})),
    "picture with both": (131008, message("image", {"link": "http://x.test/a.jpg", "id": "1"})),
    "long caption": (131009, message("image", {"id": "1", "caption": LETTER * 1025})),
    "file address": (131009, message("image", {"link": "file:///etc/passwd"})),
    "off the globe": (131009, message("location", {"latitude": 91, "longitude": 0})),
    "long tracker": (131009, message("text", {"body": "x"}, biz_opaque_callback_data=LETTER * 513)),
    "group": (131009, message("text", {"body": "x"}, recipient_type="group")),
    "258 contacts": (131009, message("contacts", [{"name": {"formatted_name": "A"}}] * 258)),
}  # fmt: skip


@pytest.mark.parametrize("name", AT_THE_LIMIT)
def test_what_lies_at_the_limit_is_accepted(name: str) -> None:
    assert limits.check(AT_THE_LIMIT[name]) is AT_THE_LIMIT[name]


@pytest.mark.parametrize("name", BEYOND)
def test_what_lies_beyond_is_refused_with_metas_code(name: str) -> None:
    code, body = BEYOND[name]
    assert code_of(body) == code


@given(st.integers(1, 12), st.integers(1, 40))
def test_a_list_passes_exactly_when_its_rows_and_titles_fit(rows: int, length: int) -> None:
    body = listed(*(row(place) | {"title": LETTER * length} for place in range(rows)))
    if rows <= 10 and length <= 24:
        limits.check(body)
    else:
        assert code_of(body) == 131009


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["body", "type", "text", "rows"]), inner)
    ),
    max_leaves=8,
)


@given(st.sampled_from([*limits.KINDS, "else"]), json_values)
def test_no_body_whatever_its_shape_does_more_than_be_refused(kind: str, part: Any) -> None:
    with contextlib.suppress(GraphRefusal):
        limits.check(message(kind, part))
