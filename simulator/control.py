"""Strings a test pulls at the phones: messages from any number, what arrived, chats read or gone cold."""

import asyncio
import contextlib
from typing import Annotated, Literal

from fastapi import APIRouter, HTTPException, Query, Request
from pydantic import AwareDatetime, BaseModel, Field

from simulator.carrier import Carrier
from simulator.chats import Chat, Message, Phones
from simulator.dialect import CannotSend, Part, Tampering
from simulator.phone_endpoints import Sending, chat_of, part_of
from simulator.posting import Attempt, Post
from simulator.settings import Channel
from simulator.wire import Json

router = APIRouter(prefix="/control")


class ShopperSending(Sending):
    """A message from a shopper, and how its webhook is posted.

    ``seller`` is the seller's ``phone_number_id`` or their account on the ``channel``. ``posted``: ``once``
    answers with what each copy met; ``until_accepted`` tries again as the provider does, with the faults on
    order; ``behind`` does the same after the answer. ``copies`` posts it so many times at once;
    ``message_id`` and ``sent_at`` replace what would be made up; ``tamper`` spoils it; ``other_number`` is
    the account a forged webhook names.
    """

    seller: str
    channel: Channel = Channel.WHATSAPP
    posted: Literal["once", "until_accepted", "behind"] = "once"
    copies: int = Field(1, ge=1, le=200)
    message_id: str | None = None
    sent_at: AwareDatetime | None = None
    tamper: Tampering | None = None
    other_number: str = "199999999999999"


class Waiting(BaseModel):
    """What to wait for: ``count`` messages numbered above ``after``, for ``timeout`` seconds at most."""

    seller: str | None = None
    channel: Channel | None = None
    after: int = 0
    timeout: float = Field(10, ge=0, le=120)
    count: int = Field(1, ge=1, le=100)


@router.post("/reset", status_code=204)
async def reset(request: Request) -> None:
    """Empties phones, faults, checkouts and ledger, and drops what is still being posted."""
    carrier: Carrier = request.app.state.carrier
    await carrier.poster.forget()
    state = request.app.state
    for kept in (carrier.phones, carrier.faults, carrier.rates, carrier.ledger, state.gateway, state.ussd):
        kept.forget()


@router.post("/phones/{wa_id}/messages")
async def send_as(request: Request, wa_id: str, sending: ShopperSending) -> Json:
    """A shopper sends; the message's id and words, and the answer to each copy unless it is posted behind."""
    carrier: Carrier = request.app.state.carrier
    chat = chat_of(request, wa_id, sending.seller, sending.channel)
    part = part_of(request, chat, sending)
    message = carrier.write(chat, part, at=sending.sent_at, message_id=sending.message_id)
    post = _post(carrier, chat, message, part, sending)
    known = {"id": message.id, "seq": message.seq, "text": message.face.text}
    result = {**known, "answers": [], "errors": []}
    if sending.posted == "behind":
        carrier.poster.soon(carrier.deliver(chat, message, post))
        return result
    if sending.posted == "until_accepted":
        attempts = [await carrier.deliver(chat, message, post)]
    else:
        attempts = await asyncio.gather(*(carrier.poster.once(post) for _ in range(sending.copies)))
        carrier.settle(chat, message, _best(attempts))
    answers = [attempt.status for attempt in attempts]
    return {**result, "answers": answers, "errors": [one.error for one in attempts if one.error]}


def _post(carrier: Carrier, chat: Chat, message: Message, part: Part, sending: ShopperSending) -> Post:
    try:
        return carrier.webhook(chat, message, part, sending.tamper, sending.other_number)
    except CannotSend as error:
        raise HTTPException(422, str(error)) from error


def _best(attempts: list[Attempt]) -> Attempt:
    return next((attempt for attempt in attempts if attempt.is_accepted), attempts[0])


def _received(phones: Phones, wa_id: str, wanted: Waiting) -> list[Json]:
    found = [
        chat.describe(message)
        for chat in phones.of_shopper(wa_id)
        if wanted.seller in (None, chat.seller.phone_number_id, chat.line.account)
        and wanted.channel in (None, chat.line.channel)
        for message in chat.messages
        if not message.by_shopper and message.seq > wanted.after
    ]
    return sorted(found, key=lambda message: message["seq"])


@router.get("/phones/{wa_id}/received")
async def list_received(request: Request, wa_id: str, wanted: Annotated[Waiting, Query()]) -> Json:
    """What a phone received from sellers, oldest first; ``last`` is the number to wait after."""
    phones: Phones = request.app.state.phones
    return {"items": _received(phones, wa_id, wanted), "last": phones.last}


@router.get("/phones/{wa_id}/next")
async def wait_for_next(request: Request, wa_id: str, wait: Annotated[Waiting, Query()]) -> Json:
    """Waits until enough messages have arrived; fewer come back when the time is up."""
    phones: Phones = request.app.state.phones
    with phones.feed.listen() as queue, contextlib.suppress(TimeoutError):
        async with asyncio.timeout(wait.timeout):
            while not phones.feed.closed.is_set():
                if len(_received(phones, wa_id, wait)) >= wait.count:
                    break
                await queue.get()
    return {"items": _received(phones, wa_id, wait), "last": phones.last}


@router.post("/phones/{wa_id}/chats/{seller}/read", status_code=204)
async def read_chat(request: Request, wa_id: str, seller: str, channel: Channel = Channel.WHATSAPP) -> None:
    """The shopper looks into the chat: everything in it is read."""
    request.app.state.carrier.read(chat_of(request, wa_id, seller, channel))


@router.post("/phones/{wa_id}/chats/{seller}/window/close", status_code=204)
async def close_window(
    request: Request, wa_id: str, seller: str, channel: Channel = Channel.WHATSAPP
) -> None:
    """As if the shopper had not written for 24 hours: free-form messages fail till they do."""
    chat_of(request, wa_id, seller, channel).window_open = False
