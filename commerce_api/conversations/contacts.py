"""Who writes: an address on a channel account leads to one contact and one conversation.

A contact has several addresses: a number and a business-scoped id on one account, the same number on the
seller's other channels. However many messages of someone new come at once, and on however many channels,
they are one contact with one cart.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID, uuid4

from sqlalchemy import delete, update
from sqlalchemy.ext.asyncio import AsyncSession

from channels.registry import PROVIDERS
from commerce_api.conversations import merging, talks
from commerce_api.conversations.belongings import Belongings
from commerce_api.conversations.contact_models import ContactMerge, ContactPhone, MergeReason
from commerce_api.conversations.models import ChannelAccount, Contact, ContactAddress, Conversation, HandledBy
from commerce_api.core.rows import Row, settle
from commerce_api.core.statements import Statement

# E.164, with or without its plus; a provider's other ids (WhatsApp's `NG.abc…`) are no number.
PHONE = re.compile(r"\+?([1-9][0-9]{6,14})")

# A provider's clock and ours; no number is someone else's so soon after it was given up.
SKEW = timedelta(minutes=2)

# In one order whoever asks, so that two sessions never wait for each other in a ring.
HOLD_KEYS = Statement(
    "select pg_advisory_xact_lock(key) from (select distinct hashtextextended(name, 0) as key"
    " from unnest(%(names)s::text[]) as name order by key) as keys"
)

ADDRESSES = Statement(
    "select address, conversation_id from contact_addresses where tenant_id = %(tenant)s"
    " and channel_account_id = %(account)s and contact_id = %(contact)s and replaced_at is null"
    " order by created_at desc, id"
)
ADDRESS, NUMBER = Row(ContactAddress, "a"), Row(ContactPhone, "n")
OWNER_OF_ADDRESS = Statement(
    "select contact_id from contact_addresses where tenant_id = %(tenant)s"
    " and channel_account_id = %(account)s and address = %(address)s and replaced_at is null"
)
OWNER_OF_PHONES = Statement(
    "select contact_id from contact_phones where tenant_id = %(tenant)s and phone = any(%(phones)s::text[])"
    " limit 1"
)
TALK_OF = Statement(
    "select id from conversations where tenant_id = %(tenant)s and contact_id = %(contact)s"
    " and channel_account_id = %(account)s order by last_message_at desc nulls last limit 1"
)
CONTACT_OF = Statement(
    "select contact_id from conversations where tenant_id = %(tenant)s and id = %(conversation)s"
)
HAD = Statement(
    "select {talk} join contact_addresses one on one.tenant_id = c.tenant_id"
    " and one.conversation_id = c.id"
    " where one.tenant_id = %(tenant)s and one.channel_account_id = %(account)s"
    " and one.address = any(%(addresses)s::text[]) and one.replaced_at > %(since)s"
    " order by one.replaced_at limit 1 for update of c",
    talk=talks.CONVERSATIONS,
)
LED_TO = Statement(
    "select one.address, {talk} join contact_addresses one on one.tenant_id = c.tenant_id"
    " and one.conversation_id = c.id"
    " where one.tenant_id = %(tenant)s and one.channel_account_id = %(account)s"
    " and one.address = any(%(addresses)s::text[]) and one.replaced_at is null"
    " order by c.id, one.id for update of c, one",
    talk=talks.CONVERSATIONS,
)


@dataclass(frozen=True)
class Person:
    """A sender as one webhook names them: every address of theirs, the one they wrote from first.

    ``said_at`` is when they wrote what came first.
    """

    addresses: tuple[str, ...]
    said_at: datetime
    name: str | None = None
    username: str | None = None


def phone_of(channel: str, address: str) -> str | None:
    """The telephone number, E.164, that an address on a channel is; None for any other id."""
    provider = PROVIDERS.get(channel)
    found = PHONE.fullmatch(address) if provider is not None and provider.is_number_based else None
    return f"+{found[1]}" if found else None


async def conversation_with(
    session: AsyncSession, account: ChannelAccount, address: str, *, name: str | None, now: datetime
) -> Conversation:
    """The conversation with ``address`` on ``account``, made if need be, and held until the session ends."""
    person = Person((address,), said_at=now, name=name)
    return (await Register(session, account, (), now).conversations([person]))[address]


async def address_for(
    session: AsyncSession, account: ChannelAccount, contact_id: UUID, conversation_id: UUID | None = None
) -> str | None:
    """Where a contact is best written to on ``account``: None when they have no address there any more.

    First of those that lead to ``conversation_id``; a telephone number before any other id, since providers
    prefer it; the one learnt last.
    """
    found = await ADDRESSES.all(session, tenant=account.tenant_id, account=account.id, contact=contact_id)
    fitness = {
        row.address: (
            row.conversation_id == conversation_id,
            phone_of(account.channel, row.address) is not None,
        )
        for row in found
    }
    return max(fitness, key=lambda address: fitness[address], default=None)


@dataclass(frozen=True)
class Register:
    """The contacts of one account while one webhook is stored; its tenant is entered."""

    session: AsyncSession
    account: ChannelAccount
    belongings: Sequence[Belongings]
    now: datetime

    async def conversations(self, people: Sequence[Person]) -> dict[str, Conversation]:
        """Each person's conversation by the address they wrote from; all are held until the session ends.

        Who is new is made; a person whose addresses were two contacts' till now becomes one. ``tenant`` and
        ``contact`` of each conversation are loaded.
        """
        every = sorted({address for person in people for address in person.addresses})
        known = await self._hold(every)
        strangers = [person for person in people if not _is_known(person, known)]
        if strangers:
            await self._hold_keys(self._keys([one for person in strangers for one in person.addresses]))
            known = await self._hold(every)
        before: dict[str, Conversation] = {}
        for person in strangers:
            if _is_known(person, known):
                continue
            if talk := await self._had(person):
                before[person.addresses[0]] = talk
                continue
            await self._meet(person, known)
            known |= await self._hold(person.addresses)
        if strangers:
            # Who was met later may have turned out to be one with who was met before.
            known = await self._hold(every)
        first = (person.addresses[0] for person in people)
        talks = {address: before[address] if address in before else known[address] for address in first}
        for person in people:
            contact = talks[person.addresses[0]].contact
            contact.name = contact.name or person.name
            contact.username = person.username or contact.username
        return talks

    async def share_phone(self, conversation: Conversation, phone: str) -> ContactMerge | None:
        """Keeps the number, E.164, that a provider says is the shopper's, unless they have one already.

        When the seller knows the number, the two contacts are one from now on; that merge.
        """
        if conversation.contact.phone is not None or PHONE.fullmatch(phone) is None:
            return None
        await self._hold_keys([self._phone_key(phone)])
        return await self._own_phone(conversation.contact_id, phone, MergeReason.SHARED_PHONE)

    async def move(self, conversation: Conversation, old: str, new: str) -> None:
        """The shopper has the address ``new`` in place of ``old``: the same contact, cart and orders.

        Whoever is given the old number after them is someone else, on every channel, and sees nothing of
        theirs. The caller holds the conversation.
        """
        if old == new:
            return
        await self._hold_keys(self._keys((old, new)))
        was = phone_of(self.account.channel, old)
        theirs = ContactAddress.contact_id == conversation.contact_id, ContactAddress.replaced_at.is_(None)
        same = ContactAddress.address.in_([was, was[1:]] if was else [old])
        await self.session.execute(update(ContactAddress).where(*theirs, same).values(replaced_at=self.now))
        if was is not None:
            await self.session.execute(
                delete(ContactPhone).where(
                    ContactPhone.contact_id == conversation.contact_id, ContactPhone.phone == was
                )
            )
            if conversation.contact.phone == was:
                conversation.contact.phone = phone_of(self.account.channel, new)
                await self.session.flush()
        await self._learn(conversation.id, new, MergeReason.MOVED)

    async def _hold(self, addresses: Sequence[str]) -> dict[str, Conversation]:
        """The conversations that addresses lead to now, held; the addresses too, lest they be redirected."""
        await settle(self.session)
        facts = {"tenant": self.account.tenant_id, "account": self.account.id, "addresses": list(addresses)}
        rows = await LED_TO.all(self.session, **facts)
        return {row.address: talks.read(self.session, row, anew=True) for row in rows}

    def _phone_key(self, phone: str) -> str:
        return f"phone:{self.account.tenant_id}:{phone}"

    def _keys(self, addresses: Sequence[str]) -> list[str]:
        """What to hold while an address is unknown: a number is one person's on all the seller's channels."""
        phones = {address: phone_of(self.account.channel, address) for address in addresses}
        return [
            self._phone_key(phone) if phone else f"address:{self.account.id}:{address}"
            for address, phone in phones.items()
        ]

    async def _hold_keys(self, keys: Sequence[str]) -> None:
        await HOLD_KEYS.run(self.session, names=list(keys))

    async def _meet(self, person: Person, known: Mapping[str, Conversation]) -> None:
        """Sees to it that every address of theirs leads to one conversation. Their keys are held."""
        first = next((known[address].id for address in person.addresses if address in known), None)
        if first is None:
            first = await self._begin(person)
        for address in person.addresses:
            await self._learn(first, address, MergeReason.SAME_PERSON)

    async def _begin(self, person: Person) -> UUID:
        """A conversation for someone without address here: a contact known otherwise, or a new one."""
        phones = [phone for one in person.addresses if (phone := phone_of(self.account.channel, one))]
        of_account = {"tenant": self.account.tenant_id, "account": self.account.id}
        owner = await OWNER_OF_PHONES.first(self.session, tenant=self.account.tenant_id, phones=phones)
        if owner is not None:
            had = await TALK_OF.first(self.session, contact=owner.contact_id, **of_account)
            if had is not None:
                return cast("UUID", had.id)
        new = {"tenant_id": self.account.tenant_id, "created_at": self.now}
        contact_id = owner.contact_id if owner is not None else uuid4()
        if owner is None:
            await talks.PERSON.insert(self.session, id=contact_id, **new)
        talk = await talks.TALK.insert(
            self.session,
            id=uuid4(),
            contact_id=contact_id,
            channel_account_id=self.account.id,
            channel=self.account.channel,
            handled_by=HandledBy.BOT,
            unread=0,
            next_position=1,
            labels=[],
            **new,
        )
        return talk.id

    async def _had(self, person: Person) -> Conversation | None:
        """Whose address it was when they wrote, held: a message may come after the news that it was given up.

        It stays given up: whoever is given the number next is someone else. None when it was nobody's.
        """
        addresses, since = list(person.addresses), person.said_at - SKEW
        facts = {"account": self.account.id, "addresses": addresses, "since": since}
        return await talks.find(self.session, HAD, **facts)

    async def _learn(self, talk_id: UUID, address: str, reason: MergeReason) -> None:
        """Has ``address`` lead to the conversation's contact, who may be another's till now."""
        await settle(self.session)
        itself = {"tenant": self.account.tenant_id, "account": self.account.id, "address": address}
        owner = await OWNER_OF_ADDRESS.first(self.session, **itself)
        if owner is not None:
            await self._unite(await self._contact_of(talk_id), owner.contact_id, reason)
        if phone := phone_of(self.account.channel, address):
            await self._own_phone(await self._contact_of(talk_id), phone, reason)
        if owner is None:
            await ADDRESS.insert(
                self.session,
                tenant_id=self.account.tenant_id,
                id=uuid4(),
                contact_id=await self._contact_of(talk_id),
                channel_account_id=self.account.id,
                conversation_id=talk_id,
                address=address,
                created_at=self.now,
            )

    async def _own_phone(self, contact_id: UUID, phone: str, reason: MergeReason) -> ContactMerge | None:
        """Makes the number the contact's; when it is another's already, the two are one. Its key is held."""
        await settle(self.session)
        owner = await OWNER_OF_PHONES.first(self.session, tenant=self.account.tenant_id, phones=[phone])
        if owner is not None:
            return await self._unite(contact_id, owner.contact_id, reason)
        number = {"phone": phone, "contact_id": contact_id, "created_at": self.now}
        await NUMBER.insert(self.session, tenant_id=self.account.tenant_id, id=uuid4(), **number)
        await self.session.execute(
            update(Contact).where(Contact.id == contact_id, Contact.phone.is_(None)).values(phone=phone)
        )
        await self.session.flush()
        return None

    async def _unite(self, one_id: UUID, other_id: UUID, reason: MergeReason) -> ContactMerge | None:
        if one_id == other_id:
            return None
        return await merging.merge(
            self.session, self.belongings, (one_id, other_id), reason=reason, now=self.now
        )

    async def _contact_of(self, talk_id: UUID) -> UUID:
        """As the database has it: a merge may have moved the conversation."""
        await settle(self.session)
        facts = {"tenant": self.account.tenant_id, "conversation": talk_id}
        return cast("UUID", (await CONTACT_OF.first(self.session, **facts)).contact_id)


def _is_known(person: Person, known: Mapping[str, Conversation]) -> bool:
    """Whether every address of theirs leads to one conversation."""
    talks = {known[address].id for address in person.addresses if address in known}
    return len(talks) == 1 and all(address in known for address in person.addresses)
