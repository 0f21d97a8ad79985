"""An ``OutboundMessage`` as WhatsApp requests: cut to Meta's limits, losing neither a word nor a choice.

One request carries one interactive thing: a link, a request for a pin or a number, up to three buttons, a
list of up to ten, cards. The first of them carries the text; what is left of a text too long for it goes
before, as plain text.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Dict, Iterator, Optional, Tuple

from channels import cutting
from channels.messages import Ask, OutboundMessage, Template, choice_id
from channels.meta import offering
from channels.provider import ProviderRequest, SenderAccount
from channels.whatsapp import cards, limits, numbers, steps
from channels.whatsapp.steps import Step

Json = Dict[str, Any]


def build(
    message: OutboundMessage, message_id: str, recipient: str, account: SenderAccount
) -> Tuple[ProviderRequest, ...]:
    """The requests that say ``message``, in order; none when it says nothing.

    A shopper who hides their number is written to by their user id, just as Meta gave it.
    """
    address = {"recipient": recipient} if numbers.is_user_id(recipient) else {"to": recipient}
    base = "/".join(
        part for part in (account.base_url, account.api_version, account.address, "messages") if part
    )
    headers = {
        "Authorization": f"Bearer {account.credentials.get('access_token', '')}",
        "Content-Type": "application/json",
    }
    return tuple(
        ProviderRequest(
            "POST",
            base,
            headers,
            json_body={
                "messaging_product": "whatsapp",
                "recipient_type": "individual",
                **address,
                **part,
                "biz_opaque_callback_data": f"{message_id}:{place}",
            },
        )
        for place, part in enumerate(_parts(message, message_id, account.credentials.get("catalog_id")))
    )


def _parts(message: OutboundMessage, message_id: str, catalog_id: Optional[str]) -> Iterator[Json]:
    if message.template:
        yield _template(message.template, message, message_id)
        return
    if message.reaction:
        yield {"type": "reaction", "reaction": asdict(message.reaction)}
        return
    text, image = offering.readable(message.text), message.image_url
    made = list(_steps(message, message_id, catalog_id))
    if not made or made[0].stands_alone:
        yield from _plain(text, image)
        text, image = "", None
    for step in made:
        yield from _step(step, text, image)
        text, image = "", None


def _steps(message: OutboundMessage, message_id: str, catalog_id: Optional[str]) -> Iterator[Step]:
    for target in (message.pay, message.link):
        if target:
            yield steps.link(target, message.text)
    if message.ask is Ask.LOCATION:
        yield steps.location()
    elif message.ask is Ask.PHONE:
        yield steps.phone()
    offered = offering.placed(message.choices)
    yield from steps.choices(offered, message_id, text=message.text, opener=message.opener)
    yield from cards.build(
        message.cards, len(offered), message_id, catalog_id=catalog_id, opener=message.opener
    )


def _step(step: Step, text: str, image: Optional[str]) -> Iterator[Json]:
    """A step's requests: its words, with ``text`` before them, and the picture that goes with it."""
    said = "\n\n".join(part for part in (text, step.legend) if part)
    picture = image or step.image
    if image and step.image:
        yield _image(image)
        picture = step.image
    if step.kind is None:
        yield from _plain(said, picture)
        return
    if picture and not step.takes_image:
        yield _image(picture)
        picture = None
    lead, body = _lead_and_body(said)
    for piece in lead:
        yield _text(piece)
    header = {"type": "image", "image": {"link": picture}} if picture else step.header
    interactive = {
        "type": step.kind,
        **({"header": header} if header else {}),
        "body": {"text": body or step.stand_in},
        "action": step.action,
    }
    yield {"type": "interactive", "interactive": interactive}


def _template(template: Template, message: OutboundMessage, message_id: str) -> Json:
    """An approved template: its words are Meta's, ours fill its places, its buttons carry our choices."""
    components: list[Json] = []
    if template.parameters:
        filled = [
            cutting.cut(offering.readable(one), limits.TEMPLATE_PARAMETER) for one in template.parameters
        ]
        parameters = [{"type": "text", "text": one or "–"} for one in filled]
        components.append({"type": "body", "parameters": parameters})
    for place in range(len(message.choices)):
        payload = {"type": "payload", "payload": choice_id(message_id, place)}
        components.append(
            {"type": "button", "sub_type": "quick_reply", "index": str(place), "parameters": [payload]}
        )
    held: Json = {
        "name": template.name[: limits.TEMPLATE_NAME],
        "language": {"code": template.language},
    }
    return {
        "type": "template",
        "template": {**held, "components": components} if components else held,
    }


def _plain(text: str, image: Optional[str]) -> Iterator[Json]:
    if image and cutting.width(text) <= limits.CAPTION:
        yield _image(image, text)
        return
    if image:
        yield _image(image)
    for piece in cutting.split(text, limits.TEXT_BODY):
        yield _text(piece)


def _text(body: str) -> Json:
    return {"type": "text", "text": {"body": body, "preview_url": "https://" in body or "http://" in body}}


def _image(link: str, caption: str = "") -> Json:
    return {"type": "image", "image": {"link": link, **({"caption": caption} if caption else {})}}


def _lead_and_body(text: str) -> Tuple[Tuple[str, ...], str]:
    """A text as plain messages and, last, what fits the body of an interactive one."""
    pieces = cutting.split(text, limits.INTERACTIVE_BODY)
    if len(pieces) < 2:
        return (), pieces[0] if pieces else ""
    last = pieces[-1]
    return cutting.split(text[: text.rindex(last)], limits.TEXT_BODY), last
