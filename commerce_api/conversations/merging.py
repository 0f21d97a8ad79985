"""Two contacts that turn out to be one person become one, and can be two again.

The older contact stays. Everything the other had moves to it: addresses, numbers, conversations, and by
``belongings.py`` cart and orders. What moved is written down, and ``undo`` returns what is left of it. A
session only ever sees one seller's rows, and every key is composite, so contacts of two sellers can't meet.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from commerce_api.conversations.belongings import Belongings
from commerce_api.conversations.contact_models import ContactMerge, ContactPhone, MergeReason
from commerce_api.conversations.errors import MergeBuiltUpon, MergeUndone
from commerce_api.conversations.models import Contact, ContactAddress, Conversation
from commerce_api.core.errors import NotFound
from commerce_api.core.listing import ListParams, Page, page

log = structlog.get_logger(__name__)

FILLED = ("name", "username", "language", "phone")
OWNED = (("addresses", ContactAddress), ("phones", ContactPhone), ("conversations", Conversation))


async def merge(
    session: AsyncSession,
    belongings: Sequence[Belongings],
    two: tuple[UUID, UUID],
    *,
    reason: MergeReason,
    now: datetime,
) -> ContactMerge | None:
    """Makes two contacts, given by id, of the session's tenant one; None when they are one already.

    Where both had a conversation on the same account, their addresses there lead to the one that was used
    last. Raises NotFound.
    """
    contacts = [await _whole(session, contact_id) for contact_id in sorted(set(two))]
    if len({contact.id for contact in contacts}) < 2:
        return None
    kept, gone = sorted(contacts, key=lambda contact: (contact.created_at, contact.id))
    moved: dict[str, Any] = {}
    for name, kind in OWNED:
        moved[name] = await _move(session, kind, gone.id, kept.id)
    moved["repointed"] = await _lead_to_one(session, kept.id)
    moved["filled"] = _fill(kept, gone)
    moved["belongings"] = {part.name: await part.move(session, gone.id, kept.id) for part in belongings}
    gone.merged_into_id = kept.id
    done = ContactMerge(kept_id=kept.id, merged_id=gone.id, reason=reason, moved=moved, created_at=now)
    session.add(done)
    await session.flush()
    log.info("contacts_merged", merge_id=str(done.id), reason=reason.value)
    return done


async def undo(
    session: AsyncSession, belongings: Sequence[Belongings], merge_id: UUID, *, user_id: UUID, now: datetime
) -> ContactMerge:
    """Makes two contacts of one again: the second gets back what is left of what it brought.

    What came after stays with the first, but for what its own conversations brought. Raises NotFound,
    MergeUndone, and MergeBuiltUpon when the kept contact has become part of another since.
    """
    done = await session.scalar(select(ContactMerge).where(ContactMerge.id == merge_id).with_for_update())
    if done is None:
        raise NotFound
    if done.undone_at is not None:
        raise MergeUndone
    kept, gone = [await _hold(session, contact_id) for contact_id in (done.kept_id, done.merged_id)]
    if kept.merged_into_id is not None:
        raise MergeBuiltUpon
    await _move_back(session, done)
    for contact in (kept, gone):
        await _mend(session, contact.id)
    for column, value in done.moved["filled"].items():
        if getattr(kept, column) == value:
            setattr(kept, column, None)
    own = [UUID(conversation) for conversation in done.moved["conversations"]]
    for part in belongings:
        if part.name in done.moved["belongings"]:
            record = done.moved["belongings"][part.name]
            await part.give_back(session, gone.id, kept.id, record, own)
    gone.merged_into_id = None
    done.undone_at, done.undone_by = now, user_id
    await session.flush()
    return done


async def merges(
    session: AsyncSession, params: ListParams, *, contact_id: UUID | None = None
) -> Page[ContactMerge]:
    """The tenant's merges, newest first. Raises SortUnknown."""
    statement = select(ContactMerge)
    if contact_id is not None:
        statement = statement.where(
            (ContactMerge.kept_id == contact_id) | (ContactMerge.merged_id == contact_id)
        )
    return await page(session, statement, params, {"-created_at": ContactMerge.created_at})


async def _whole(session: AsyncSession, contact_id: UUID) -> Contact:
    """The contact, held; or the one it became part of."""
    contact = await _hold(session, contact_id)
    while contact.merged_into_id is not None:
        contact = await _hold(session, contact.merged_into_id)
    return contact


async def _hold(session: AsyncSession, contact_id: UUID) -> Contact:
    contact = await session.scalar(
        select(Contact)
        .where(Contact.id == contact_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if contact is None:
        raise NotFound
    return contact


async def _move(
    session: AsyncSession,
    kind: type[ContactAddress | ContactPhone | Conversation],
    source: UUID,
    target: UUID,
    *,
    only: Sequence[UUID] | None = None,
) -> list[str]:
    """Gives one contact's rows to another; the ids of those that moved."""
    theirs = kind.contact_id == source if only is None else (kind.contact_id == source) & kind.id.in_(only)
    moved = await session.scalars(
        update(kind)
        .where(theirs)
        .values(contact_id=target)
        .returning(kind.id)
        .execution_options(synchronize_session="fetch")
    )
    return sorted(str(row) for row in moved)


async def _move_back(session: AsyncSession, done: ContactMerge) -> None:
    for name, kind in OWNED:
        only = [UUID(row) for row in done.moved[name]]
        await _move(session, kind, done.kept_id, done.merged_id, only=only)
    for address, conversation in done.moved["repointed"].items():
        await session.execute(
            update(ContactAddress)
            .where(ContactAddress.id == UUID(address))
            .values(conversation_id=UUID(conversation))
        )


async def _lead_to_one(session: AsyncSession, contact_id: UUID) -> dict[str, str]:
    """Has all of a contact's addresses on an account lead to the conversation used last; where they led."""
    talks = (
        await session.scalars(
            select(Conversation)
            .where(Conversation.contact_id == contact_id)
            .order_by(Conversation.last_message_at.asc().nulls_first(), Conversation.created_at)
        )
    ).all()
    last = {talk.channel_account_id: talk.id for talk in talks}
    addresses = await session.scalars(
        select(ContactAddress)
        .where(ContactAddress.contact_id == contact_id)
        .execution_options(populate_existing=True)
    )
    repointed = {}
    for address in addresses:
        target = last[address.channel_account_id]
        if address.conversation_id != target:
            repointed[str(address.id)] = str(address.conversation_id)
            address.conversation_id = target
    await session.flush()
    return repointed


async def _mend(session: AsyncSession, contact_id: UUID) -> None:
    """An address that leads to the other's conversation leads to their own there, or is the other's."""
    astray = await session.execute(
        select(ContactAddress, Conversation.contact_id)
        .join(Conversation, Conversation.id == ContactAddress.conversation_id)
        .where(ContactAddress.contact_id == contact_id, Conversation.contact_id != contact_id)
        .execution_options(populate_existing=True)
    )
    for address, other_id in astray.all():
        own = await session.scalar(
            select(Conversation.id)
            .where(
                Conversation.contact_id == contact_id,
                Conversation.channel_account_id == address.channel_account_id,
            )
            .order_by(Conversation.last_message_at.desc().nulls_last())
            .limit(1)
        )
        if own is None:
            address.contact_id = other_id
        else:
            address.conversation_id = own
    await session.flush()


def _fill(kept: Contact, gone: Contact) -> dict[str, str]:
    filled = {}
    for column in FILLED:
        if getattr(kept, column) is None and (value := getattr(gone, column)) is not None:
            setattr(kept, column, value)
            filled[column] = value
    return filled
