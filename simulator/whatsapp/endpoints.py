"""The Graph API as WhatsApp senders use it: send a message, mark one as read, look up and fetch media."""

import json
import re
from typing import Any

from fastapi import APIRouter, Request, Response

from simulator.chats import Phones, now
from simulator.dialect import Draft
from simulator.sends import Sends
from simulator.settings import Channel, Line
from simulator.whatsapp import limits
from simulator.whatsapp.dialect import answer
from simulator.whatsapp.errors import GraphRefusal
from simulator.whatsapp.faces import face
from simulator.wire import Json

LARGEST_BODY = 1_000_000
VERSION = re.compile(r"v\d{1,3}\.\d")
NOBODY = "0000000"

router = APIRouter(prefix="/whatsapp")


async def _take(sends: Sends, line: Line, body: Any) -> Response:
    """Takes a message, or a mark that one was read. Raises GraphRefusal."""
    if isinstance(body, dict) and "status" in body:
        return _mark_read(sends, body)
    checked = limits.check(body)
    recipient = _recipient(sends.carrier.phones, checked)
    if recipient == line.seller.digits:
        raise GraphRefusal(131021, "Recipient phone number cannot be the sender's.")
    kind = checked.get("type", "text")
    to = str(checked.get("to") or checked["recipient"])
    draft = Draft(
        type=kind,
        content=checked[kind],
        body=checked,
        face=face(kind, checked[kind]),
        to=to,
        quoted=checked.get("context", {}).get("message_id"),
        tracker=checked.get("biz_opaque_callback_data"),
    )
    return await sends.take(sends.carrier.phones.chat(recipient, line), draft)


def _recipient(phones: Phones, body: Json) -> str:
    """The number a message goes to; of a business-scoped user id that of the shopper who has it."""
    if body.get("to"):
        return str(body["to"]).lstrip("+")
    return phones.whose(body["recipient"]) or NOBODY


def _mark_read(sends: Sends, body: Json) -> Response:
    limits.check_product(body)
    message_id = body.get("message_id")
    if body["status"] != "read" or not isinstance(message_id, str) or not message_id.startswith("wamid."):
        raise GraphRefusal(100, "status must be 'read' and message_id the id of a received message.")
    typing = body.get("typing_indicator")
    if typing is not None and typing != {"type": "text"}:
        raise GraphRefusal(131009, "typing_indicator['type'] must be 'text'.")
    sends.carrier.mark_read(message_id, is_typing=typing is not None)
    return answer({"success": True})


def _line(request: Request, phones: Phones, version: str, phone_number_id: str) -> Line:
    """The line that sends, when version and token are right."""
    if not VERSION.fullmatch(version):
        raise GraphRefusal(2500, f"Unknown path components: /{version}", 400)
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise GraphRefusal(190, "An access token is required to request this resource.", 401)
    try:
        line = phones.line(Channel.WHATSAPP, phone_number_id)
    except KeyError:
        details = f"Object with ID '{phone_number_id}' does not exist, or permissions are missing."
        raise GraphRefusal(100, details, 400, 33) from None
    if token != line.seller.access_token:
        raise GraphRefusal(190, "Invalid OAuth access token - Cannot parse access token.", 401)
    return line


@router.post("/{version}/{phone_number_id}/messages")
async def send_message(request: Request, version: str, phone_number_id: str) -> Response:
    """Sends a message, or marks one as read."""
    sends: Sends = request.app.state.sends
    raw = await request.body()
    entry = sends.note(
        {
            "at": now().isoformat(),
            "channel": "whatsapp",
            "seller": phone_number_id,
            "body": None,
            "status": None,
        }
    )
    try:
        line = _line(request, sends.carrier.phones, version, phone_number_id)
        entry["body"] = body = _parse(raw, request.headers.get("content-type", ""))
        response = await _take(sends, line, body)
    except GraphRefusal as refusal:
        entry["error"] = refusal.details
        response = answer(refusal.body(), refusal.http_status)
    entry["status"] = response.status_code
    return response


def _parse(raw: bytes, content_type: str) -> Any:
    if len(raw) > LARGEST_BODY:
        raise GraphRefusal(100, "The request body is too large.", 413)
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise GraphRefusal(100, "The parameter messaging_product is required.")
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        raise GraphRefusal(100, "The request body is not valid JSON.") from None


@router.get("/media/{media_id}")
async def fetch_media(request: Request, media_id: str) -> Response:
    """A file's bytes; the address is what ``look_up_media`` gave, and the same token is needed."""
    sends: Sends = request.app.state.sends
    file = sends.carrier.media.find(media_id)
    if not request.headers.get("authorization", "").lower().startswith("bearer "):
        return Response(status_code=401)
    return Response(file.content, media_type=file.mime_type) if file else Response(status_code=404)


@router.get("/{version}/{media_id}")
async def look_up_media(request: Request, version: str, media_id: str) -> Response:
    """Where a shopper's file can be fetched, and what it is."""
    sends: Sends = request.app.state.sends
    file = sends.carrier.media.find(media_id)
    if not request.headers.get("authorization", "").lower().startswith("bearer "):
        refusal = GraphRefusal(190, "An access token is required to request this resource.", 401)
        return answer(refusal.body(), refusal.http_status)
    if file is None or not VERSION.fullmatch(version):
        refusal = GraphRefusal(100, f"Object with ID '{media_id}' does not exist.", 400, 33)
        return answer(refusal.body(), refusal.http_status)
    base = sends.carrier.settings.public_url
    facts = {
        "mime_type": file.mime_type,
        "sha256": file.sha256,
        "file_size": len(file.content),
        "id": media_id,
    }
    return answer({"messaging_product": "whatsapp", "url": f"{base}/whatsapp/media/{media_id}", **facts})
