"""Instagram's messaging API: send a message or an action, look up a shopper, fetch a file."""

import json
import re
from typing import Any

from fastapi import APIRouter, Request, Response

from simulator.chats import Chat, Phones, now
from simulator.dialect import Draft
from simulator.instagram import limits
from simulator.instagram.dialect import answer
from simulator.instagram.errors import InstagramRefusal
from simulator.instagram.faces import face
from simulator.media import MediaRefused
from simulator.sends import Sends
from simulator.settings import Channel, Line
from simulator.wire import Json

LARGEST_BODY = 1_000_000
VERSION = re.compile(r"v\d{1,3}\.\d")
NO_SUCH_USER = 2534014
OUTSIDE_WINDOW = 2534022
NOT_FETCHED = 2018047
ONLINE = ("typing_on", "mark_seen")

router = APIRouter(prefix="/instagram")


@router.post("/{version}/{account}/messages")
async def send_message(request: Request, version: str, account: str) -> Response:
    """Sends a message, or tells that the seller is typing or has seen the chat."""
    sends: Sends = request.app.state.sends
    raw = await request.body()
    entry = sends.note(
        {"at": now().isoformat(), "channel": "instagram", "seller": account, "body": None, "status": None}
    )
    try:
        line = _line(request, sends.carrier.phones, version, account)
        entry["body"] = body = _parse(raw)
        response = await _take(sends, line, limits.check(body))
    except InstagramRefusal as refusal:
        entry["error"] = refusal.details
        response = answer(refusal.body(), refusal.http_status)
    entry["status"] = response.status_code
    return response


async def _take(sends: Sends, line: Line, body: Json) -> Response:
    phones = sends.carrier.phones
    recipient = body["recipient"].get("id", "")
    wa_id = phones.whose(recipient)
    if wa_id is None or phones.shopper(wa_id).instagram_id(line.account) != recipient:
        raise InstagramRefusal(100, "No matching user found.", NO_SUCH_USER)
    chat = phones.chat(wa_id, line)
    if "sender_action" in body:
        return _act(sends, chat, body["sender_action"], recipient)
    if not chat.window_open and body.get("tag") != "HUMAN_AGENT":
        raise InstagramRefusal(10, "Outside the window.", OUTSIDE_WINDOW)
    message = body["message"]
    draft = Draft("message", message, body, face(message), recipient, message.get("reply_to", {}).get("mid"))
    await _look_at_pictures(sends, draft)
    return await sends.take(chat, draft)


async def _look_at_pictures(sends: Sends, draft: Draft) -> None:
    """Instagram fetches what a message links to before it answers."""
    try:
        for address in draft.face.pictures:
            await sends.carrier.media.fetch(address)
    except MediaRefused as refused:
        raise InstagramRefusal(100, f"Upload attachment failure: {refused}", NOT_FETCHED) from refused


def _act(sends: Sends, chat: Chat, action: str, recipient: str) -> Response:
    theirs = [message for message in chat.messages if message.by_shopper]
    if theirs and action in ONLINE:
        sends.carrier.mark_read(theirs[-1].id, is_typing=action == "typing_on")
    if action == "typing_off":
        sends.carrier.phones.tell_typing(chat, is_typing=False)
    return answer({"recipient_id": recipient})


def _line(request: Request, phones: Phones, version: str, account: str) -> Line:
    """The line that sends, when version and token are right."""
    if not VERSION.fullmatch(version):
        raise InstagramRefusal(2500, f"Unknown path components: /{version}")
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    token = token if scheme.lower() == "bearer" else request.query_params.get("access_token", "")
    if not token:
        raise InstagramRefusal(190, "An access token is required to request this resource.")
    try:
        line = phones.line(Channel.INSTAGRAM, account)
    except KeyError:
        details = f"Object with ID '{account}' does not exist, or permissions are missing."
        raise InstagramRefusal(100, details, 33) from None
    if token != line.seller.access_token or account != line.account:
        raise InstagramRefusal(190, "Invalid OAuth access token.")
    return line


def _parse(raw: bytes) -> Any:
    if len(raw) > LARGEST_BODY:
        raise InstagramRefusal(100, "The request body is too large.", status=413)
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        raise InstagramRefusal(100, "The request body is not valid JSON.") from None


@router.get("/media/{media_id}")
async def fetch_media(request: Request, media_id: str) -> Response:
    """A file's bytes; Meta's addresses carry their own signature and need no token."""
    sends: Sends = request.app.state.sends
    file = sends.carrier.media.find(media_id)
    return Response(file.content, media_type=file.mime_type) if file else Response(status_code=404)


@router.get("/{version}/{user_id}")
async def look_up_user(request: Request, version: str, user_id: str) -> Response:
    """A shopper's profile, as far as one who wrote to the seller shows it."""
    phones: Phones = request.app.state.phones
    wa_id = phones.whose(user_id)
    if wa_id is None or not VERSION.fullmatch(version):
        refusal = InstagramRefusal(100, f"Object with ID '{user_id}' does not exist.", 33)
        return answer(refusal.body(), refusal.http_status)
    shopper = phones.shopper(wa_id)
    return answer({"id": user_id, "name": shopper.name, "username": shopper.handle})
