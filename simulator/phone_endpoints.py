"""What the page of phones asks for and does: everything on the screens, live, and the shopper's own acts."""

import json
from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from simulator.carrier import Carrier
from simulator.chats import Chat, Phones
from simulator.dialect import CannotSend, Part
from simulator.feed import Feed
from simulator.media import photo, photo_names
from simulator.settings import Channel
from simulator.wire import Json

BEAT = 15.0
# A page that lost its stream comes back after a second.
HELLO = b'retry: 1000\nevent: hello\ndata: {"kind":"hello"}\n\n'
LONGEST_NUMBER = 15

router = APIRouter(prefix="/phones")


class Sending(BaseModel):
    """What a shopper sends: a kind that the channel's ``inbound.py`` knows, and its facts beside it."""

    model_config = ConfigDict(extra="allow")
    type: str

    @property
    def facts(self) -> Json:
        """Everything but the kind and how it is posted."""
        return dict(self.model_extra or {})


class Screen(BaseModel):
    """Which chats a page shows at this moment, as (shopper, channel, seller)."""

    page: str = Field(min_length=8, max_length=64)
    chats: list[tuple[str, Channel, str]] = Field(max_length=20)


def chat_of(request: Request, wa_id: str, seller: str, channel: Channel = Channel.WHATSAPP) -> Chat:
    """A shopper's chat with a seller on a channel; 404 for a number that can't be or a seller not there."""
    phones: Phones = request.app.state.phones
    if not (wa_id.isascii() and wa_id.isdigit() and len(wa_id) <= LONGEST_NUMBER):
        raise HTTPException(404, "A shopper is a phone number, digits only.")
    try:
        return phones.chat(wa_id, phones.line(channel, seller))
    except KeyError:
        raise HTTPException(404, f"No seller has {seller} on {channel}.") from None


def part_of(request: Request, chat: Chat, sending: Sending) -> Part:
    """What is to be sent; 422 when it can't be."""
    carrier: Carrier = request.app.state.carrier
    if chat.line.channel not in carrier.dialects:
        raise HTTPException(422, f"Nobody writes messages on {chat.line.channel}.")
    try:
        return carrier.build(chat, sending.type, sending.facts)
    except CannotSend as error:
        raise HTTPException(422, str(error)) from error
    except KeyError as error:
        raise HTTPException(422, f"{sending.type} needs {error}") from error


@router.get("/state")
async def read_state(request: Request) -> Json:
    """Everything a page needs to draw itself."""
    phones: Phones = request.app.state.phones
    return {
        "sellers": [
            {
                "id": seller.phone_number_id,
                "name": seller.name,
                "number": seller.number,
                "tagline": seller.tagline,
                "openers": seller.openers,
                "lines": {line.channel: line.shown for line in seller.lines},
            }
            for seller in phones.sellers.values()
        ],
        "shoppers": [
            {**asdict(shopper), "id": shopper.wa_id, "handle": shopper.handle}
            for shopper in phones.named.values()
        ],
        "photos": photo_names(),
        "chats": [
            {
                **chat.names,
                "unread": chat.unread,
                "messages": [chat.describe(message) for message in chat.messages],
            }
            for chat in phones.chats.values()
            if chat.shopper.wa_id in phones.named
        ],
    }


@router.get("/events")
async def stream_events(
    request: Request, page: Annotated[str, Query(min_length=8, max_length=64)]
) -> Response:
    """Everything that happens, as server-sent events; when the stream ends, the page's chats are closed."""
    phones: Phones = request.app.state.phones

    async def events() -> AsyncIterator[bytes]:
        try:
            with phones.feed.listen() as queue:
                yield HELLO
                async for event in _of_page(phones, phones.feed, queue):
                    yield f"data: {json.dumps(event)}\n\n".encode()
        finally:
            _show(phones, page, set())

    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(events(), media_type="text/event-stream", headers=headers)


async def _of_page(phones: Phones, feed: Feed, queue: Any) -> AsyncIterator[Json]:
    """The events about the named shoppers; strangers, who are tests or load, would only flood the page."""
    async for event in feed.stream(queue, BEAT):
        wa_id = event.get("shopper") or event.get("message", {}).get("shopper")
        if wa_id is None or wa_id in phones.named:
            yield event


def _show(phones: Phones, page: str, shown: set[tuple[str, Channel, str]]) -> list[Chat]:
    """The page shows these chats and no others; those it shows now."""
    chats = [
        phones.chat(wa_id, phones.lines[channel, seller])
        for wa_id, channel, seller in shown
        if wa_id in phones.named and (channel, seller) in phones.lines
    ]
    for chat in phones.chats.values():
        if chat not in chats:
            chat.viewers.discard(page)
    for chat in chats:
        chat.viewers.add(page)
    return chats


@router.put("/screen", status_code=204)
async def put_screen(request: Request, screen: Screen) -> None:
    """Which chats the page shows; what was unread in them is now read."""
    carrier: Carrier = request.app.state.carrier
    for chat in _show(carrier.phones, screen.page, set(screen.chats)):
        carrier.read(chat)


@router.post("/{wa_id}/chats/{seller}/messages", status_code=201)
async def send_message(
    request: Request, wa_id: str, seller: str, sending: Sending, channel: Channel = Channel.WHATSAPP
) -> Json:
    """The shopper sends something; the message as it is on the phone."""
    carrier: Carrier = request.app.state.carrier
    chat = chat_of(request, wa_id, seller, channel)
    message = carrier.send(chat, part_of(request, chat, sending))
    return chat.describe(message)


@router.get("/media/{media_id}")
async def show_media(request: Request, media_id: str) -> Response:
    """A picture in a chat."""
    carrier: Carrier = request.app.state.carrier
    file = carrier.media.find(media_id)
    if file is None:
        raise HTTPException(404, "This picture is gone.")
    headers = {"Cache-Control": "max-age=86400, immutable"}
    return Response(file.content, media_type=file.mime_type, headers=headers)


@router.get("/photos/{name}")
async def show_photo(name: str) -> Response:
    """One of the built-in pictures a shopper can send."""
    try:
        file = photo(name)
    except KeyError:
        raise HTTPException(404, "There is no such picture.") from None
    return Response(file.content, media_type=file.mime_type, headers={"Cache-Control": "max-age=86400"})
