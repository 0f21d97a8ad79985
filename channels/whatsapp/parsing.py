"""Meta's webhook body into messages and receipts.

What identifies a message (its id, the receiving number, the sender, the time) must be readable, or that part
is quarantined. A message whose content can't be read, or is of a kind unknown here, becomes ``UNSUPPORTED``,
so that the shopper is asked to say it again instead of meeting silence. Shapes: Meta's "messages webhook
reference" and its pages for each type; "Business-scoped user IDs" (2026-05); "smb_message_echoes" for what
the seller types on the phone; "Standby webhooks" (2026-08) for conversations that Meta's own agent holds;
"user_preferences" for shoppers who stop a seller's marketing.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any, NoReturn, Optional

from channels.messages import ConsentWord, InboundKind, InboundMessage, Referral
from channels.meta.collecting import Collected, entries
from channels.meta.nodes import Json, Unreadable, child, items, name_at, required, text_at, time_of
from channels.provider import Parsed
from channels.whatsapp import contents, limits, people, statuses

OBJECT = "whatsapp_business_account"
ECHOES = "smb_message_echoes"
CONSENT = {"stop": ConsentWord.STOP, "resume": ConsentWord.START}

# Meta sends them because they are subscribed to together; nothing is to be done about them.
NOTICES = {
    "account_alerts": "a notice about the account",
    "account_review_update": "a notice about the account",
    "account_settings_update": "a notice about the account",
    "account_update": "a notice about the account",
    "automatic_events": "an event of the shopper's device",
    "business_capability_update": "a notice about the account",
    "business_status_update": "a notice about the account",
    "calls": "a call",
    "flows": "a notice about a form",
    "history": "messages from before the number was connected",
    "message_template_components_update": "a notice about a template",
    "message_template_quality_update": "a notice about a template",
    "message_template_status_update": "a notice about a template",
    "messaging_handovers": "who answers a conversation has changed",
    "partner_solutions": "a notice about the account",
    "payment_configuration_update": "a notice about the account",
    "phone_number_name_update": "a notice about the number",
    "phone_number_quality_update": "a notice about the number",
    "security": "a notice about the account",
    "smb_app_state_sync": "the contacts on the seller's phone",
    "template_category_update": "a notice about a template",
    "template_correct_category_detection": "a notice about a template",
    "user_id_update": "told by a system message as well",
}


def parse(body: bytes, received_at: datetime) -> Parsed:
    """Every message and receipt of ``body``, which came at ``received_at``.

    Raises MalformedWebhook when it is not Meta's.
    """
    collected = Collected()
    for entry in entries(body, OBJECT, collected):
        changes = entry.get("changes")
        if not isinstance(changes, list):
            collected.set_aside(entry, "an entry without changes")
            continue
        for change in changes:
            _read_change(change, collected, received_at)
    return collected.parsed()


def _read_change(change: Any, collected: Collected, received_at: datetime) -> None:
    value = change.get("value") if isinstance(change, dict) else None
    field = str(change.get("field"))[:100] if isinstance(change, dict) else ""
    if not isinstance(value, dict):
        collected.set_aside(change, "a change without a value")
    elif field in NOTICES:
        collected.set_aside(change, f"kept aside: {NOTICES[field]}")
    elif field in ("messages", ECHOES, "message_echoes", "user_preferences"):
        _Value(value, collected, received_at).read()
    elif field == "standby":
        held = child(value, "standby") or value
        _Value({**value, **held}, collected, received_at, is_standby=True).read()
    else:
        collected.set_aside(change, f"a change of field {field}, which is not handled")


class _Value:
    """One change's value: the number it is about, who they are, and its lists of parts."""

    def __init__(
        self, value: Json, collected: Collected, received_at: datetime, *, is_standby: bool = False
    ) -> None:
        self._value = value
        self._account = name_at(child(value, "metadata"), "phone_number_id", limits.PHONE_NUMBER_ID)
        self._contacts = items(value, "contacts")
        self._collected = collected
        self._received_at = received_at
        self._is_standby = is_standby

    def read(self) -> None:
        """Reads every list there is, each part on its own."""
        readers = {
            "messages": self._message,
            "message_echoes": self._echo,
            "statuses": lambda node: statuses.receipt(node, self._account, self._received_at),
            "user_preferences": self._preference,
            "errors": _fault,
        }
        for name, reader in readers.items():
            parts = self._value.get(name, [])
            if not isinstance(parts, list):
                self._collected.set_aside({name: parts}, f"{name} is not a list")
                continue
            for part in parts:
                self._collected.take(part, reader, phone_number_id=self._account)

    def _message(self, node: Json) -> InboundMessage:
        is_move = node.get("type") == "system"
        person = people.mover(node) if is_move else people.sender(node, self._contacts)
        return self._made(node, node, person)

    def _echo(self, node: Json) -> InboundMessage:
        """What the seller wrote elsewhere; in standby its content lies one level deeper."""
        said = {**node, **child(node, "message")}
        return self._made(said, node, people.recipient(said, self._contacts), is_echo=True)

    def _preference(self, node: Json) -> InboundMessage:
        """A shopper stops the seller's marketing, or wants it again. It has no id of its own."""
        consent = CONSENT.get(str(node.get("value")))
        if consent is None:
            raise Unreadable(f"a preference {str(node.get('value'))[:100]}, which is not known")
        person = people.sender({**node, **people.as_sender(node)}, self._contacts)
        at = time_of(node.get("timestamp"), self._received_at)
        told = f"{person.address} {at.isoformat()} {consent.value} {node.get('category')}"
        return InboundMessage(
            provider_message_id=f"preference.{hashlib.sha256(told.encode()).hexdigest()[:40]}",
            account=required(self._account, "phone_number_id", limits.PHONE_NUMBER_ID),
            sender=person.address,
            sender_ids=person.others,
            sender_name=person.name,
            sender_username=person.username,
            sent_at=at,
            kind=InboundKind.SYSTEM,
            text=text_at(node, "detail", 1000),
            consent=consent,
            raw=node,
        )

    def _made(self, node: Json, raw: Json, person: people.Person, *, is_echo: bool = False) -> InboundMessage:
        context, content = child(node, "context"), contents.read(node)
        referral = content.referral or _referral(child(node, "referral"))
        sku = text_at(child(context, "referred_product"), "product_retailer_id", limits.RETAILER_ID)
        moved_to = content.moved_to if content.moved_to != person.address else None
        return InboundMessage(
            provider_message_id=required(node.get("id"), "id", limits.MESSAGE_ID),
            account=required(self._account, "phone_number_id", limits.PHONE_NUMBER_ID),
            sender=person.address,
            sent_at=time_of(node.get("timestamp"), self._received_at),
            kind=content.kind,
            sender_ids=tuple(one for one in person.others if one != moved_to),
            sender_name=person.name,
            sender_username=person.username,
            moved_to=moved_to,
            text=content.text,
            choice_id=content.choice_id,
            location=content.location,
            items=content.items,
            media=content.media,
            emoji=content.emoji,
            fields=content.fields,
            shared_phone=content.shared_phone,
            quoted_message_id=content.about or text_at(context, "id", limits.MESSAGE_ID),
            quoted_sku=sku or (content.referral.sku if content.referral else None),
            referral=referral,
            is_echo=is_echo,
            is_standby=self._is_standby,
            raw=raw,
        )


def _referral(node: Json) -> Optional[Referral]:
    """The advertisement or post whose button led here; ``ref`` is the click's id."""
    if not node:
        return None
    return Referral(
        source=text_at(node, "source_type", 100) or "ad",
        ref=text_at(node, "ctwa_clid", 1000) or text_at(node, "ref", 1000),
        source_id=name_at(node, "source_id", 200),
        source_url=text_at(node, "source_url", 2000),
        headline=text_at(node, "headline", 500),
    )


def _fault(_: Json) -> NoReturn:
    raise Unreadable("an error Meta reports about itself or the number")
