"""Africa's Talking's SMS sending: a form, and an answer with a line for every recipient."""

import json
import re
import secrets
from urllib.parse import parse_qs

from fastapi import APIRouter, Request, Response

from simulator.africastalking.dialect import recipient, summary
from simulator.chats import Face, Phones, now
from simulator.dialect import Draft
from simulator.numbered import numbered
from simulator.parts import count_parts
from simulator.sends import Sends
from simulator.settings import Channel, Line, Settings
from simulator.wire import Json

PHONE = re.compile(r"\+[1-9]\d{6,14}")
KNOWN = {
    "username",
    "to",
    "message",
    "from",
    "bulkSMSMode",
    "enqueue",
    "keyword",
    "linkId",
    "retryDurationInHours",
    "requestId",
}
NOBODY_LIKE_THAT = "The supplied authentication is invalid"

router = APIRouter(prefix="/africastalking")


class Refusal(Exception):
    """A request turned down as a whole, with its HTTP status."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status


@router.post("/version1/messaging")
async def send_message(request: Request) -> Response:
    """Sends a text to one number or several."""
    sends: Sends = request.app.state.sends
    raw = await request.body()
    channel = Channel.SMS_AFRICASTALKING
    entry = sends.note(
        {"at": now().isoformat(), "channel": channel.value, "seller": None, "body": None, "status": None}
    )
    try:
        parsed = parse_qs(raw.decode("utf-8", "replace"), keep_blank_values=True)
        entry["body"] = form = {name: values[0] for name, values in parsed.items()}
        _check(request, sends.carrier.settings, form)
        entry["seller"] = form["from"]
        response = await _take(sends, form)
    except Refusal as refusal:
        entry["error"] = str(refusal)
        response = Response(str(refusal), refusal.status, media_type="text/plain")
    entry["status"] = response.status_code
    return response


def _check(request: Request, settings: Settings, form: Json) -> None:
    key = request.headers.get("apikey", "")
    if not secrets.compare_digest(key.encode(), settings.africastalking_key.encode()):
        raise Refusal(401, NOBODY_LIKE_THAT)
    if form.get("username") != settings.africastalking_username:
        raise Refusal(401, NOBODY_LIKE_THAT)
    for name in ("to", "message", "from"):
        if not form.get(name):
            raise Refusal(400, f"Must have {name} in your request")
    if unknown := set(form) - KNOWN:
        raise Refusal(400, f"Unknown parameters: {', '.join(sorted(unknown))}")


async def _take(sends: Sends, form: Json) -> Response:
    phones = sends.carrier.phones
    try:
        line = phones.line(Channel.SMS_AFRICASTALKING, form["from"])
    except KeyError:
        return summary([], "InvalidSenderId")
    numbers = [number.strip() for number in form["to"].split(",")]
    answers = [await _send_one(sends, phones, line, number, form) for number in numbers]
    whole = next((one for one in answers if isinstance(one, Response)), None)
    return whole or summary([one for one in answers if not isinstance(one, Response)])


async def _send_one(sends: Sends, phones: Phones, line: Line, number: str, form: Json) -> Json | Response:
    """A recipient's line of the answer; a whole answer where a fault or a limit makes one."""
    if not PHONE.fullmatch(number):
        shown = {"statusCode": 403, "number": number, "status": "InvalidPhoneNumber"}
        return {**shown, "cost": "0", "messageId": "None"}
    chat = phones.chat(number.lstrip("+"), line)
    if chat.is_stopped:
        return recipient(chat.shopper, 406, None)
    words = form["message"]
    face = Face(words, choices=numbered(words))
    draft = Draft("text", {"text": words}, form, face, number, parts=count_parts(words))
    response = await sends.take(chat, draft)
    if response.status_code != 201:
        return response
    line_of_answer: Json = json.loads(bytes(response.body))["SMSMessageData"]["Recipients"][0]
    return {**line_of_answer, "number": number}
