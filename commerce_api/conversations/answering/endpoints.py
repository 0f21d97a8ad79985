"""Answering with a photo, and the photo in public: providers and shoppers fetch it by its key."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Path, Request, Response, UploadFile, status

from commerce_api.conversations.answering import photos, reacting, trying
from commerce_api.conversations.models import Message
from commerce_api.conversations.schemas import MessageRead, NumberWrite, ReactionWrite
from commerce_api.core.clock import NowDep
from commerce_api.core.database import SessionDep
from commerce_api.core.idempotency import IdempotentRoute
from commerce_api.tenants.access import Access, require
from commerce_api.tenants.permissions import Permission

router = APIRouter(route_class=IdempotentRoute)
public = APIRouter(route_class=IdempotentRoute)

AnswerDep = Annotated[Access, require(Permission.ANSWER_CONVERSATIONS)]
ChannelsDep = Annotated[Access, require(Permission.MANAGE_CHANNELS)]
HEADERS = {
    # A key never names another picture.
    "Cache-Control": "public, max-age=31536000, immutable",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'",
    "Cross-Origin-Resource-Policy": "cross-origin",
}


@router.post(
    "/conversations/{conversation_id}/photos",
    response_model=MessageRead,
    status_code=status.HTTP_201_CREATED,
)
async def send_photo(
    *,
    request: Request,
    access: AnswerDep,
    conversation_id: UUID,
    file: UploadFile,
    session: SessionDep,
    now: NowDep,
    text: Annotated[str, Form(max_length=1024)] = "",
) -> Message:
    """Answers with a photo and words. 409 `reply_window_closed`, `opted_out`; 415 `photo_not_taken`."""
    return await photos.say(
        session,
        conversation_id,
        await file.read(),
        words=text,
        public_url=str(request.app.state.settings.public_url),
        seller_id=access.user.id,
        now=now,
    )


@router.put("/conversations/{conversation_id}/messages/{message_id}/reaction", response_model=MessageRead)
async def react_to_message(
    *,
    access: AnswerDep,
    conversation_id: UUID,
    message_id: UUID,
    body: ReactionWrite,
    session: SessionDep,
    now: NowDep,
) -> Message:
    """Puts an emoji on what the shopper said. 409 `reaction_not_carried`, `reply_window_closed`."""
    me = access.user.id
    return await reacting.react(session, conversation_id, message_id, body.emoji, seller_id=me, now=now)


@router.post(
    "/channel-accounts/{account_id}/test-messages",
    response_model=MessageRead,
    status_code=status.HTTP_201_CREATED,
)
async def send_test_message(
    access: ChannelsDep, account_id: UUID, body: NumberWrite, session: SessionDep, now: NowDep
) -> Message:
    """Sends a test message to a number of the member's own. 409 `number_unfit`, `reply_window_closed`."""
    me, shop = access.user.id, access.tenant.name
    return await trying.send(session, account_id, body.number, shop=shop, seller_id=me, now=now)


@public.get(
    photos.PLACE + "/{photo_key}.jpg",
    response_class=Response,
    responses={200: {"content": {"image/jpeg": {}}}},
)
async def reply_photo(photo_key: Annotated[str, Path(max_length=64)], session: SessionDep) -> Response:
    """A photo a seller sent; whoever has its key may see it."""
    return Response(await photos.by_key(session, photo_key), media_type="image/jpeg", headers=HEADERS)
