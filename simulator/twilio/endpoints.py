"""Twilio's REST API, as far as messages go: send one, look one up, fetch a shopper's file."""

import base64
import binascii
import secrets
from urllib.parse import parse_qs, parse_qsl, urlsplit

from fastapi import APIRouter, Request, Response

from simulator.chats import Face, Phones, now
from simulator.dialect import Draft
from simulator.numbered import numbered
from simulator.parts import count_parts
from simulator.sends import Sends
from simulator.settings import Channel, Line, Settings
from simulator.twilio import limits
from simulator.twilio.dialect import VERSION, answer
from simulator.twilio.errors import TwilioRefusal
from simulator.twilio.limits import WHATSAPP, Form, one

router = APIRouter(prefix=f"/twilio/{VERSION}/Accounts")


@router.post("/{sid}/Messages.json")
async def send_message(request: Request, sid: str) -> Response:
    """Sends a message by SMS or WhatsApp."""
    sends: Sends = request.app.state.sends
    raw = await request.body()
    entry = sends.note(
        {"at": now().isoformat(), "channel": None, "seller": None, "body": None, "status": None}
    )
    try:
        _check_caller(request, sends.carrier.settings, sid)
        form = parse_qs(raw.decode("utf-8", "replace"), keep_blank_values=True)
        entry["body"] = dict(form)
        limits.check(form)
        line = _line(sends.carrier.phones, one(form, "From"))
        entry |= {"channel": line.channel.value, "seller": line.account}
        response = await _take(sends, line, form)
    except TwilioRefusal as refusal:
        entry["error"] = str(refusal.body()["message"])
        response = answer(refusal.body(), refusal.http_status)
    entry["status"] = response.status_code
    return response


async def _take(sends: Sends, line: Line, form: Form) -> Response:
    phones, to, body = sends.carrier.phones, one(form, "To"), one(form, "Body")
    name = to.removeprefix(WHATSAPP)
    wa_id = name.removeprefix("+") if name.startswith("+") else phones.whose(name)
    if wa_id is None:
        raise TwilioRefusal(63003)
    chat = phones.chat(wa_id, line)
    if chat.is_stopped:
        raise TwilioRefusal(21610)
    pictures = form.get("MediaUrl", [])
    words = body or f"[{one(form, 'ContentSid')}]" * bool(one(form, "ContentSid"))
    cards = tuple({"title": "", "text": "", "image": picture} for picture in pictures[1:])
    callback = one(form, "StatusCallback") or None
    draft = Draft(
        type="template" if one(form, "ContentSid") else "text",
        content={"body": words},
        body={key: values[0] if len(values) == 1 else list(values) for key, values in form.items()},
        face=Face(words, choices=numbered(words), image=next(iter(pictures), None), cards=cards),
        to=to,
        # Twilio has no place for a sender's own mark but the query of the address it reports to.
        tracker=dict(parse_qsl(urlsplit(callback or "").query)).get("message"),
        report_to=callback,
        parts=count_parts(words) if line.channel is Channel.SMS_TWILIO else None,
    )
    return await sends.take(chat, draft)


def _line(phones: Phones, sender: str) -> Line:
    is_whatsapp = sender.startswith(WHATSAPP)
    channel = Channel.WHATSAPP_TWILIO if is_whatsapp else Channel.SMS_TWILIO
    try:
        return phones.line(channel, sender.removeprefix(WHATSAPP))
    except KeyError:
        raise TwilioRefusal(63007 if is_whatsapp else 21606) from None


def _check_caller(request: Request, settings: Settings, sid: str) -> None:
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    try:
        name, _, token = base64.b64decode(given, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        name = token = ""
    is_right = secrets.compare_digest(
        f"{name}:{token}".encode(), f"{settings.twilio_sid}:{settings.twilio_token}".encode()
    )
    if scheme.lower() != "basic" or not is_right:
        raise TwilioRefusal(20003)
    if sid != settings.twilio_sid:
        raise TwilioRefusal(20404, f"The requested resource /{VERSION}/Accounts/{sid} was not found")


@router.get("/{sid}/Messages/{message_id}/Media/{media_id}")
async def fetch_media(request: Request, sid: str, message_id: str, media_id: str) -> Response:
    """A shopper's file, for who has the account's token."""
    sends: Sends = request.app.state.sends
    try:
        _check_caller(request, sends.carrier.settings, sid)
        file = sends.carrier.media.find(media_id.removeprefix("ME"))
        if file is None:
            raise TwilioRefusal(20404, f"Media {media_id} of message {message_id} was not found")
    except TwilioRefusal as refusal:
        return answer(refusal.body(), refusal.http_status)
    return Response(file.content, media_type=file.mime_type)
