"""One conversation: what was said, answering it, and what stands beside it."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from fastapi import APIRouter, File, Form, Query, Request, Response, UploadFile
from sqlalchemy.ext.asyncio import AsyncSession

from channels.messages import OutboundMessage, Template
from commerce_api.carts import service as carts
from commerce_api.conversations import desk as desk_service
from commerce_api.conversations import inbox, ledger, media_endpoints, queries, saying
from commerce_api.conversations.answering import photos, reacting
from commerce_api.conversations.inbox import Wanted
from commerce_api.conversations.models import Conversation
from commerce_api.core import repeats
from commerce_api.core.clock import NowDep
from commerce_api.core.database import SessionDep
from commerce_api.orders import queries as orders
from commerce_api.tenants import service as tenants
from commerce_api.tenants.models import PaymentMethod
from commerce_api.tenants.permissions import Permission
from console import bubbles, canned, live, pages, summary
from console.access import Desk, DeskDep, require
from console.errors import NothingWritten
from console.inbox import CHANNELS, PAGE, list_facts

LONGEST_TEXT = 4096
MOST_ORDERS = 5
REFRESH = {"HX-Trigger": "desk-refresh"}

router = APIRouter()

AnswerDep = Annotated[Desk, require(Permission.ANSWER_CONVERSATIONS)]
Talk = "/inbox/{conversation_id}"


class Mode(StrEnum):
    """What is done with the words in the box."""

    REPLY = "reply"
    NOTE = "note"
    LATER = "later"


@router.get(Talk)
async def show_thread(
    request: Request, desk: DeskDep, conversation_id: UUID, session: SessionDep, now: NowDep
) -> Response:
    """The conversation, the list beside it where there is room."""
    conversation = await queries.conversation(session, conversation_id)
    if desk.may(Permission.ANSWER_CONVERSATIONS):
        conversation = await desk_service.see(session, conversation_id)
    facts = await thread_facts(session, desk, conversation, now)
    facts["thread"] = await bubbles.read(session, conversation_id, facts["names"])
    listed = await list_facts(session, desk, Wanted(limit=PAGE), now)
    return pages.show(request, "inbox.html", desk, **{**listed, **facts})


@router.get(f"{Talk}/messages")
async def show_messages(
    *,
    request: Request,
    desk: DeskDep,
    conversation_id: UUID,
    session: SessionDep,
    before: Annotated[int | None, Query(ge=1)] = None,
) -> Response:
    """The messages before a position, or the newest, for the page that is open."""
    conversation = await queries.conversation(session, conversation_id)
    names = await tenants.member_names(session)
    thread = await bubbles.read(session, conversation_id, names, before=before)
    facts: dict[str, Any] = {"thread": thread, "conversation": conversation, "slug": desk.tenant.slug}
    return pages.show(request, "_bubbles.html" if pages.is_htmx(request) else "older.html", desk, **facts)


@router.get(f"{Talk}/state")
async def show_state(
    request: Request, desk: DeskDep, conversation_id: UUID, session: SessionDep, now: NowDep
) -> Response:
    """Who has it, and what can be done with it."""
    conversation = await queries.conversation(session, conversation_id)
    facts = await thread_facts(session, desk, conversation, now)
    return pages.show(request, "_state.html", desk, **facts)


@router.get(f"{Talk}/side")
async def show_side(
    request: Request, desk: DeskDep, conversation_id: UUID, session: SessionDep, now: NowDep
) -> Response:
    """Contact, cart and orders."""
    conversation = await queries.conversation(session, conversation_id)
    facts = await thread_facts(session, desk, conversation, now)
    return pages.show(request, "_side.html", desk, **facts)


@router.post(f"{Talk}/reply")
async def reply(
    *,
    request: Request,
    desk: AnswerDep,
    conversation_id: UUID,
    session: SessionDep,
    now: NowDep,
    key: Annotated[str, Form(min_length=1, max_length=64)],
    text: Annotated[str, Form(max_length=LONGEST_TEXT)] = "",
    mode: Annotated[Mode, Form()] = Mode.REPLY,
    due: Annotated[str, Form(max_length=40, pattern=r"^(\d{4}-\d\d-\d\dT\d\d:\d\d)?$")] = "",
    photo: Annotated[UploadFile | None, File()] = None,
) -> Response:
    """Says it, notes it, or keeps it for later; the same form sent again does nothing more.

    A photo goes with a reply alone.
    """
    upload = await photo.read() if photo is not None and mode is Mode.REPLY else b""
    if not text.strip() and not upload:
        raise NothingWritten
    scope, content = f"{desk.user.id} {conversation_id}", f"{mode} {due} {text} {len(upload)}"
    if await repeats.is_first(session, scope, key, content, now):
        me = desk.user.id
        if mode is Mode.NOTE:
            await desk_service.note(session, conversation_id, text=text, user_id=me, now=now)
        elif mode is Mode.LATER and due:
            due_at = datetime.fromisoformat(due).replace(tzinfo=ZoneInfo(desk.tenant.timezone))
            await desk_service.schedule(
                session, conversation_id, text=text, due_at=due_at, user_id=me, now=now
            )
        elif upload:
            url = str(request.app.state.settings.public_url)
            await photos.say(
                session, conversation_id, upload, words=text, public_url=url, seller_id=me, now=now
            )
        else:
            await saying.say(session, conversation_id, OutboundMessage(text.strip()), seller_id=me, now=now)
    return await _answered(request, desk, conversation_id, session, now)


@router.post(f"{Talk}/template")
async def send_template(
    *,
    request: Request,
    desk: AnswerDep,
    conversation_id: UUID,
    session: SessionDep,
    now: NowDep,
    name: Annotated[str, Form(min_length=1, max_length=120)],
    language: Annotated[str, Form(min_length=2, max_length=10)],
    text: Annotated[str, Form(min_length=1, max_length=LONGEST_TEXT, pattern=r"\S")],
    key: Annotated[str, Form(min_length=1, max_length=64)],
    parameters: Annotated[str, Form(max_length=LONGEST_TEXT)] = "",
) -> Response:
    """Sends a template message, the only kind the provider takes outside the reply window."""
    scope, content = f"{desk.user.id} {conversation_id}", f"{name} {language} {parameters} {text}"
    if await repeats.is_first(session, scope, key, content, now):
        filled = tuple(line.strip() for line in parameters.splitlines() if line.strip())
        message = OutboundMessage(text.strip(), template=Template(name.strip(), language.strip(), filled))
        await saying.say(session, conversation_id, message, seller_id=desk.user.id, now=now)
    return await _answered(request, desk, conversation_id, session, now)


@router.post(f"{Talk}/here")
async def say_here(
    *,
    desk: AnswerDep,
    conversation_id: UUID,
    session: SessionDep,
    doing: Annotated[str, Form(pattern="^(here|typing|gone|seen)$")] = "here",
) -> Response:
    """Lets the others on this conversation see who is there; ``seen`` says that what came in was read."""
    if doing == "seen":
        await desk_service.see(session, conversation_id)
        return Response(status_code=204)
    conversation = await queries.conversation(session, conversation_id)
    me = (desk.user.id, desk.user.name)
    await live.tell_presence(
        session, tenant_id=conversation.tenant_id, conversation_id=conversation_id, user=me, doing=doing
    )
    return Response(status_code=204)


@router.post(f"{Talk}/messages/{{message_id}}/reaction")
async def react(
    *,
    request: Request,
    desk: AnswerDep,
    conversation_id: UUID,
    message_id: UUID,
    session: SessionDep,
    now: NowDep,
    emoji: Annotated[str, Form(max_length=16)] = "",
) -> Response:
    """Puts an emoji on what the shopper said; none takes it back."""
    me = desk.user.id
    await reacting.react(session, conversation_id, message_id, emoji, seller_id=me, now=now)
    if pages.is_htmx(request):
        return Response(status_code=204, headers=REFRESH)
    return pages.go(request, desk.path(f"inbox/{conversation_id}"))


@router.get("/files/{media_id}")
async def show_file(desk: DeskDep, media_id: UUID, session: SessionDep) -> Response:
    """A file a shopper sent."""
    return await media_endpoints.read_media(desk.access, media_id, session)


async def _answered(
    request: Request, desk: Desk, conversation_id: UUID, session: AsyncSession, now: datetime
) -> Response:
    if not pages.is_htmx(request):
        return pages.go(request, desk.path(f"inbox/{conversation_id}"))
    conversation = await queries.conversation(session, conversation_id)
    facts = await thread_facts(session, desk, conversation, now)
    answer = pages.show(request, "_composer.html", desk, **facts)
    answer.headers.update(REFRESH)
    return answer


async def thread_facts(
    session: AsyncSession, desk: Desk, conversation: Conversation, now: datetime
) -> dict[str, Any]:
    """What the thread's templates show beside the messages."""
    cart = await carts.read(session, await carts.open_cart(session, conversation.contact_id), now)
    past = await orders.orders_of_contact(session, conversation.contact_id, MOST_ORDERS)
    currency = desk.tenant.currency
    names = await tenants.member_names(session)
    methods = desk.tenant.payment_methods
    replies = await desk_service.canned_replies(session)
    return {
        "conversation": conversation,
        "names": names,
        "cart": cart,
        "currency": currency,
        "orders": past,
        "zones": await orders.active_zones(session),
        "methods": methods,
        "pay_link": PaymentMethod.PAY_LINK,
        "takes_pay_links": PaymentMethod.PAY_LINK in methods,
        "address": next((one.address for one in past if one.address), ""),
        "summary": summary.write(conversation, cart, past, currency, now),
        "is_open": saying.takes_free_form(conversation, now),
        "is_stopped": (await ledger.standing(session, conversation)).is_stopped,
        "is_away": inbox.is_put_away(conversation, now),
        "scheduled": await desk_service.scheduled(session, conversation.id),
        "canned": [(one.name, canned.filled(one.text, desk, conversation, cart, past)) for one in replies],
        "key": uuid4().hex,
        "slug": desk.tenant.slug,
        "channel_names": CHANNELS,
        "reacting": reacting.CARRIED_BY,
        "may_answer": desk.may(Permission.ANSWER_CONVERSATIONS),
        "may_sell": desk.may(Permission.MANAGE_ORDERS),
    }
