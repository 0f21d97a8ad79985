"""Messaging for the bot side: webhooks in, turns out. Only the service token passes."""

from uuid import UUID

from fastapi import APIRouter

from channels.messages import OutboundMessage
from commerce_api.conversations import accounts, claiming, finishing, recording, releasing, service, steps
from commerce_api.conversations.access import ConversationDep
from commerce_api.conversations.belongings import BelongingsDep
from commerce_api.conversations.contact_models import LinkCode
from commerce_api.conversations.models import Conversation
from commerce_api.conversations.schemas import (
    ClaimWrite,
    FinishWrite,
    HandoffWrite,
    IdRead,
    InboundWrite,
    LinkCodeRead,
    NextTurnRead,
    NotUnderstoodWrite,
    RecordedRead,
    ReleaseWrite,
    RememberWrite,
    SecretsRead,
    ShellWrite,
    ShopConversationRead,
)
from commerce_api.conversations.step_models import ConversationStep
from commerce_api.core.clock import NowDep
from commerce_api.core.database import DatabaseNowDep, SessionDep
from commerce_api.core.idempotency import IdempotentRoute
from commerce_api.core.secrets import VaultDep
from commerce_api.core.service_access import ServiceToken

router = APIRouter(route_class=IdempotentRoute, dependencies=[ServiceToken])


@router.post("/inbound", response_model=RecordedRead)
async def record_inbound(
    body: InboundWrite, session: SessionDep, vault: VaultDep, now: DatabaseNowDep, belongings: BelongingsDep
) -> RecordedRead:
    """Stores what a verified webhook held, in one transaction, and gives the turns to run at once."""
    return await recording.record_inbound(session, vault, body, now, belongings)


@router.post("/turns/claim", response_model=NextTurnRead)
async def claim_turn(body: ClaimWrite, session: SessionDep, now: DatabaseNowDep) -> NextTurnRead:
    """A turn that nobody holds, leased for a minute: of any conversation, sellers taking turns, or of one."""
    return await claiming.answer(session, body, now)


@router.post("/turns/{turn_id}/finish", response_model=NextTurnRead)
async def finish_turn(
    turn_id: UUID, body: FinishWrite, session: SessionDep, now: DatabaseNowDep
) -> NextTurnRead:
    """Ends a turn with its replies, and claims the conversation's next. 409 `lease_lost`."""
    replies = [OutboundMessage.from_json(reply.model_dump()) for reply in body.replies]
    return await finishing.finish(
        session,
        turn_id,
        body.worker,
        replies,
        failure=body.failure,
        now=now,
        claim_next=body.claim_next,
    )


@router.post("/turns/release", status_code=204)
async def release_turns(body: ReleaseWrite, session: SessionDep, now: DatabaseNowDep) -> None:
    """Gives back every turn that a worker was given and won't run: it is stopping."""
    await releasing.release(session, body.worker, now)


@router.get("/channels/{channel}/secrets", response_model=SecretsRead)
async def channel_secrets(channel: str, session: SessionDep, vault: VaultDep) -> SecretsRead:
    """The webhook secrets of accounts that bring their own, by account id."""
    return SecretsRead(secrets=await accounts.app_secrets(session, vault, channel))


@router.post("/conversations", response_model=IdRead)
async def open_conversation(body: ShellWrite, session: SessionDep, now: NowDep) -> Conversation:
    """A conversation on the developers' channel."""
    return await service.open_shell(session, body.tenant_slug, body.sender, now)


@router.get("/conversations/{conversation_id}", response_model=ShopConversationRead)
async def read_shop_conversation(conversation: ConversationDep, now: NowDep) -> ShopConversationRead:
    """The shop, the shopper and who handles the conversation."""
    return service.facts(conversation, now)


@router.post("/conversations/{conversation_id}/remember", response_model=ShopConversationRead)
async def remember_contact(
    body: RememberWrite, conversation: ConversationDep, session: SessionDep, now: NowDep
) -> ShopConversationRead:
    """Keeps the shopper's name or language."""
    await service.remember(session, conversation, name=body.name, language=body.language)
    return service.facts(conversation, now)


@router.post("/conversations/{conversation_id}/handoff", response_model=ShopConversationRead)
async def hand_off(
    body: HandoffWrite, conversation: ConversationDep, session: SessionDep, now: NowDep
) -> ShopConversationRead:
    """Asks for a person."""
    await service.hand_off(session, conversation, body.reason, now, summary=body.summary)
    return service.facts(conversation, now)


@router.post("/conversations/{conversation_id}/not-understood", response_model=IdRead, status_code=201)
async def note_not_understood(
    body: NotUnderstoodWrite, conversation: ConversationDep, session: SessionDep, now: NowDep
) -> ConversationStep:
    """Writes down that a message's meaning was not found, for those who improve the assistant."""
    return await steps.not_understood(
        session, conversation, body.message_id, now, guess=body.guess, confidence=body.confidence
    )


@router.post("/conversations/{conversation_id}/link-code", response_model=LinkCodeRead)
async def give_link_code(conversation: ConversationDep, session: SessionDep, now: NowDep) -> LinkCode:
    """Has a code sent here that, sent from another chat of the shopper's, makes the two one contact."""
    return await service.offer_link(session, conversation.id, now)
