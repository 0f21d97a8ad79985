"""One step of a USSD session as Africa's Talking posts it.

The form has sessionId, serviceCode, phoneNumber, networkCode and text: everything typed since the code was
dialled, joined by ``*``, empty at first (developers.africastalking.com, USSD sessions). Where a session ended
and what it cost may be posted too, and asks for nothing.
"""

from __future__ import annotations

import re
from typing import Any, Dict

from channels.forms import Form
from channels.messages import InboundKind, InboundMessage
from channels.provider import MalformedWebhook, Parsed, WebhookRequest

NUMBER = re.compile(r"\+?([1-9][0-9]{6,14})")
CODE = re.compile(r"\*[0-9]+(\*[0-9]+)*#?")
LONGEST = 200
# Of the notice of a session's end alone.
NOTICE = "durationInMillis"


def parse(request: WebhookRequest) -> Parsed:
    """The step as one message; nothing of the notice that a session ended. Raises MalformedWebhook.

    Its id is the session's and the number of inputs so far: a repeated post is the same message. ``text`` is
    the last input, None when the code was just dialled; since a shopper may type ``*`` too, the whole is kept
    as the field ``typed``. ``account`` is the code as dialled: more than the registered one, perhaps.
    """
    form = Form(request.body)
    session, code = form.text("sessionId", LONGEST + 1) or "", form.text("serviceCode", LONGEST) or ""
    number = NUMBER.fullmatch(form.text("phoneNumber", LONGEST) or "")
    if not 0 < len(session) <= LONGEST or not CODE.fullmatch(code) or number is None:
        raise MalformedWebhook("not a step of a USSD session")
    fields = form.raw()
    if NOTICE in fields:
        return Parsed()
    typed = _typed(fields)
    inputs = typed.split("*") if typed else []
    message = InboundMessage(
        provider_message_id=f"{session}:{len(inputs)}",
        account=code if code.endswith("#") else f"{code}#",
        sender=f"+{number[1]}",
        sent_at=request.received_at,
        kind=InboundKind.TEXT,
        text=inputs[-1].strip() if inputs else None,
        session_id=session,
        fields={"typed": typed},
        raw=fields,
    )
    return Parsed(messages=(message,))


def _typed(fields: Dict[str, Any]) -> str:
    """Everything typed so far, as it stands there."""
    text = fields.get("text", "")
    return text if isinstance(text, str) else str(text[-1])
