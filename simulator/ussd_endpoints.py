"""Dialling: for the page of phones, and as strings for tests to pull."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Request
from pydantic import BaseModel, Field

from simulator.chats import Chat
from simulator.phone_endpoints import chat_of
from simulator.settings import Channel
from simulator.ussd import NoSession, UssdNetwork
from simulator.wire import Json

router = APIRouter()

Typed = Annotated[str, Field(max_length=160)]


class Dialling(BaseModel):
    """Whose code is dialled: the seller's ``phone_number_id`` or the code itself.

    ``more`` is dialled behind the code; ``copies`` posts the step so many times at once; ``key`` replaces the
    secret in the webhook's address, and takes it out when empty.
    """

    seller: str
    more: Typed = ""
    copies: int = Field(1, ge=1, le=50)
    key: str | None = None


class Typing(BaseModel):
    """What is typed into the open screen."""

    seller: str
    text: Typed
    copies: int = Field(1, ge=1, le=50)


class Dropping(BaseModel):
    """Whose session is dropped."""

    seller: str


@router.get("/phones/{wa_id}/ussd/{seller}")
async def read_session(request: Request, wa_id: str, seller: str) -> Json:
    """The phone's last session with this seller's code; no ``session`` when there was none."""
    session = _network(request).session(_chat(request, wa_id, seller))
    return session.describe() if session else {"session": None}


@router.post("/phones/{wa_id}/ussd/dial")
@router.post("/control/phones/{wa_id}/ussd/dial")
async def dial(request: Request, wa_id: str, dialling: Dialling) -> Json:
    """Dials; the session with its first screen."""
    chat = _chat(request, wa_id, dialling.seller)
    session = await _network(request).dial(chat, more=dialling.more, copies=dialling.copies, key=dialling.key)
    return session.describe()


@router.post("/phones/{wa_id}/ussd/type")
@router.post("/control/phones/{wa_id}/ussd/type")
async def type_in(request: Request, wa_id: str, typing: Typing) -> Json:
    """Types and sends; the session with its next screen. 409 when nothing is open."""
    chat = _chat(request, wa_id, typing.seller)
    try:
        session = await _network(request).type(chat, typing.text, copies=typing.copies)
    except NoSession as error:
        raise HTTPException(409, str(error)) from error
    return session.describe()


@router.post("/phones/{wa_id}/ussd/drop", status_code=204)
@router.post("/control/phones/{wa_id}/ussd/drop", status_code=204)
async def drop(request: Request, wa_id: str, dropping: Dropping) -> None:
    """The session is lost, as when a train enters a tunnel or Cancel is pressed."""
    _network(request).drop(_chat(request, wa_id, dropping.seller))


def _network(request: Request) -> UssdNetwork:
    network: UssdNetwork = request.app.state.ussd
    return network


def _chat(request: Request, wa_id: str, seller: str) -> Chat:
    return chat_of(request, wa_id, seller, Channel.USSD_AFRICASTALKING)
