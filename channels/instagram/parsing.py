"""Instagram's webhook body into messages and receipts.

An entry holds events under ``messaging`` or ``standby``, or the same events one by one as ``changes``.
Shapes: Meta's "Instagram Platform Webhook Notification Examples" (2025-11) and "Webhooks for Instagram
Messaging"; ``message_edit`` after the Messenger Platform's reference. A comment is public and no message: it
is kept aside. What has no id of its own gets one made of what it says, so that it is known when it comes
again.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any, Callable, Dict, Optional, Tuple, Union

from channels.instagram import contents, limits
from channels.messages import InboundMessage, Receipt, ReceiptStatus
from channels.meta.collecting import Collected, entries
from channels.meta.nodes import Json, Unreadable, child, name_at, required, time_of
from channels.provider import Parsed

OBJECT = "instagram"
READERS: Dict[str, Callable[[Json], contents.Content]] = {
    "message": contents.message,
    "message_edit": contents.edit,
    "postback": contents.postback,
    "reaction": contents.reaction,
    "referral": contents.referral,
}
EVENT_FIELDS = (
    "messages", "message_echoes", "message_edit", "message_edits", "message_reactions",
    "messaging_postbacks", "messaging_referral", "messaging_referrals", "messaging_seen",
)  # fmt: skip
# Meta sends them because they are subscribed to together; nothing is to be done about them.
NOTICES = {
    "comments": "a comment, which is public",
    "live_comments": "a comment, which is public",
    "mentions": "a mention, which is public",
    "story_insights": "how a story did",
    "messaging_handover": "who answers a conversation has changed",
    "messaging_optins": "a wish for the seller's news",
    "pass_thread_control": "who answers a conversation has changed",
    "take_thread_control": "who answers a conversation has changed",
    "request_thread_control": "who answers a conversation has changed",
    "app_roles": "who answers a conversation has changed",
    "optin": "a wish for the seller's news",
    "delivery": "told by reading as well",
    "typing": "somebody writes",
}


def parse(body: bytes, received_at: datetime) -> Parsed:
    """Every message and receipt of ``body``, which came at ``received_at``.

    Raises MalformedWebhook when it is not Instagram's.
    """
    collected = Collected()
    for entry in entries(body, OBJECT, collected):
        _Entry(entry, collected, received_at).read()
    return collected.parsed()


class _Entry:
    """One entry: the account it is about, and its events in whichever envelope they came."""

    def __init__(self, entry: Json, collected: Collected, received_at: datetime) -> None:
        self._entry = entry
        self._collected = collected
        self._received_at = received_at
        account = name_at(entry, "id", limits.ADDRESS)
        # Meta's own test button sends 0.
        self._account = None if account == "0" else account

    def read(self) -> None:
        """Reads every event there is, each on its own."""
        known = [name for name in ("messaging", "standby", "changes") if name in self._entry]
        if "field" in self._entry:
            self._change(self._entry)
        elif not known:
            self._collected.set_aside(self._entry, "an entry without events")
        for name in known:
            parts = self._entry[name]
            if not isinstance(parts, list):
                self._collected.set_aside({name: parts}, f"{name} is not a list")
                continue
            for part in parts:
                self._part(name, part)

    def _part(self, name: str, part: Any) -> None:
        if name == "changes":
            self._change(part)
        else:
            self._take(part, is_standby=name == "standby")

    def _change(self, change: Any) -> None:
        field = str(change.get("field"))[:100] if isinstance(change, dict) else ""
        value = change.get("value") if isinstance(change, dict) else None
        if field in NOTICES:
            self._collected.set_aside(change, f"kept aside: {NOTICES[field]}")
        elif field in EVENT_FIELDS or field == "standby":
            self._take(value, is_standby=field == "standby")
        else:
            self._collected.set_aside(change, f"a change of field {field}, which is not handled")

    def _take(self, part: Any, *, is_standby: bool) -> None:
        self._collected.take(
            part, lambda node: self._event(node, is_standby=is_standby), account=self._account
        )

    def _event(self, node: Json, *, is_standby: bool) -> Union[InboundMessage, Receipt]:
        notice = next((name for name in NOTICES if name in node), None)
        name = next((name for name in READERS if isinstance(node.get(name), dict)), None)
        if name is None and notice:
            raise Unreadable(f"kept aside: {NOTICES[notice]}")
        account, shopper, is_echo = self._ends(node)
        at = time_of(node.get("timestamp", self._entry.get("time")), self._received_at)
        if name is None:
            return self._receipt(node, account, shopper, at)
        content = READERS[name](child(node, name))
        first, more = content.media[:1], content.media[1:]
        return InboundMessage(
            provider_message_id=content.identity or _made_id(name, node, content),
            account=account,
            sender=shopper,
            sent_at=at,
            kind=content.kind,
            text=content.text,
            choice_id=content.choice_id,
            media=first[0] if first else None,
            more_media=more,
            emoji=content.emoji,
            quoted_message_id=content.about,
            quoted_sku=content.referral.sku if content.referral else None,
            referral=content.referral,
            is_echo=is_echo,
            is_standby=is_standby,
            raw=node,
        )

    def _ends(self, node: Json) -> Tuple[str, str, bool]:
        """The seller's account, the shopper, and whether it was the seller who wrote."""
        sender = name_at(child(node, "sender"), "id", limits.ADDRESS)
        recipient = name_at(child(node, "recipient"), "id", limits.ADDRESS)
        is_echo = child(node, "message").get("is_echo") is True or (
            sender is not None and sender == self._account and sender != recipient
        )
        account: Optional[str] = self._account or (sender if is_echo else recipient)
        shopper = recipient if is_echo else sender
        return (
            required(account, "the account", limits.ADDRESS),
            required(shopper, "sender", limits.ADDRESS),
            is_echo,
        )

    def _receipt(self, node: Json, account: str, shopper: str, at: datetime) -> Receipt:
        read = child(node, "read")
        if not read:
            raise Unreadable("an event of a kind that is not known")
        return Receipt(
            account=account,
            provider_message_id=required(name_at(read, "mid", limits.MESSAGE_ID), "mid", limits.MESSAGE_ID),
            status=ReceiptStatus.READ,
            at=at,
            recipient=shopper,
            raw=node,
        )


def _made_id(name: str, node: Json, content: contents.Content) -> str:
    """An id for an event without one, the same whenever it is delivered again.

    A deletion can come once a message; an edit, a reaction or a tap again and again, at other times.
    """
    ends = [child(node, end).get("id") for end in ("sender", "recipient")]
    again = None if content.kind.value == "deletion" else node.get("timestamp")
    told = repr((name, content.kind.value, ends, again, content.about, content.text, content.choice_id))
    return f"{name}.{hashlib.sha256(told.encode('utf-8', 'replace')).hexdigest()[:40]}"
