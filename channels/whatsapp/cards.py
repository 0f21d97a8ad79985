"""Products shown side by side, in the best form WhatsApp has for these very cards.

With the seller's catalogue at Meta (``catalog_id`` among the account's credentials) it is Meta's own product
message, and the cards' choices follow as a list. Else a carousel, when every card has a picture and as many
buttons as the next; else a list, when they are pictureless with one choice each; else a message for each.
"""

from __future__ import annotations

from typing import Any, Dict, Iterator, List, Optional, Sequence, Tuple

from channels import cutting
from channels.messages import Card, Choice, choice_id
from channels.meta import offering
from channels.meta.offering import Placed
from channels.whatsapp import limits, steps
from channels.whatsapp.steps import Step

Json = Dict[str, Any]
Shown = Tuple[Card, Tuple[Placed, ...]]


def build(
    cards: Sequence[Card], first: int, message_id: str, *, catalog_id: Optional[str], opener: Optional[str]
) -> Iterator[Step]:
    """The steps that show ``cards``, whose choices are counted from ``first``."""
    shown: List[Shown] = []
    for card in cards:
        shown.append((card, offering.placed(card.choices, first)))
        first += len(card.choices)
    if not shown:
        return
    if catalog_id and all(card.sku and len(card.sku) <= limits.RETAILER_ID for card in cards):
        yield _products(cards, catalog_id)
        yield from steps.choices(_rows(shown), message_id, text="", opener=opener)
    elif _fits_carousel(cards):
        yield from _carousels(shown, message_id)
    elif len(cards) > 1 and all(len(card.choices) == 1 and not card.image_url for card in cards):
        yield from steps.lists(_rows(shown), message_id, text="", opener=opener)
    else:
        for card, offered in shown:
            yield from _alone(card, offered, message_id, opener)


def words(card: Card) -> str:
    """What a card says, its choices aside."""
    said = (offering.on_one_line(card.title), offering.readable(card.description or ""))
    return "\n".join(part for part in said if part)


def _products(cards: Sequence[Card], catalog_id: str) -> Step:
    skus = list(dict.fromkeys(card.sku for card in cards))
    if len(skus) == 1:
        return Step("product", {"catalog_id": catalog_id, "product_retailer_id": skus[0]})
    if len(skus) > limits.LISTED_PRODUCTS:
        parameters = {"thumbnail_product_retailer_id": skus[0]}
        return Step("catalog_message", {"name": "catalog_message", "parameters": parameters})
    title = cutting.cut(offering.readable(cards[0].title), limits.SECTION_TITLE) or offering.POINTER
    section = {"title": title, "product_items": [{"product_retailer_id": sku} for sku in skus]}
    return Step(
        "product_list",
        {"catalog_id": catalog_id, "sections": [section]},
        header={"type": "text", "text": offering.POINTER},
    )


def _rows(shown: Sequence[Shown]) -> Tuple[Placed, ...]:
    """The cards' choices as rows: an only choice goes by its card's name, others say whose they are."""
    rows = []
    for card, offered in shown:
        for one in offered:
            title, other = card.title, one.choice.title
            if len(offered) > 1:
                title, other = other, title
            said = [other, card.description or "", one.choice.description or ""]
            described = " · ".join(part for part in map(offering.on_one_line, said) if part)
            rows.append(Placed(Choice(title, one.choice.intent, description=described), one.place))
    return tuple(rows)


def _fits_carousel(cards: Sequence[Card]) -> bool:
    count = len(cards[0].choices)
    return (
        len(cards) >= limits.FEWEST_CARDS
        and 1 <= count <= limits.CARD_BUTTONS
        and all(card.image_url and len(card.choices) == count for card in cards)
    )


def _carousels(shown: Sequence[Shown], message_id: str) -> Iterator[Step]:
    rest = list(shown)
    while rest:
        # A carousel of one isn't taken, so the last two share what would leave one over.
        size = limits.MOST_CARDS if len(rest) != limits.MOST_CARDS + 1 else limits.MOST_CARDS - 1
        group, rest = rest[:size], rest[size:]
        made = [_card(card, offered, index, message_id) for index, (card, offered) in enumerate(group)]
        legend = "\n".join(told for _, told in made if told)
        yield Step("carousel", {"cards": [card for card, _ in made]}, legend=legend)


def _card(card: Card, offered: Sequence[Placed], index: int, message_id: str) -> Tuple[Json, str]:
    """One card, and what of it did not fit."""
    whole = words(card)
    body = "\n".join(line for line in whole.splitlines() if line.strip())
    fits = cutting.width(body) <= limits.CARD_BODY and body.count("\n") <= limits.CARD_LINE_BREAKS
    shown = offering.titles([one.choice.title for one in offered], limits.BUTTON_TITLE)
    left = [] if fits else [whole]
    if offering.unseen(offered, shown, ""):
        left = [whole, offering.numbered(offered)]
    made = {
        "card_index": index,
        "type": "cta_url",
        "header": {"type": "image", "image": {"link": card.image_url}},
        "action": {
            "buttons": [
                {
                    "type": "quick_reply",
                    "quick_reply": {"id": choice_id(message_id, one.place), "title": title},
                }
                for one, title in zip(offered, shown, strict=True)
            ]
        },
    }
    said = body if fits else cutting.cut(whole, limits.CARD_BODY)
    return ({**made, "body": {"text": said}} if said else made), "\n".join(part for part in left if part)


def _alone(card: Card, offered: Sequence[Placed], message_id: str, opener: Optional[str]) -> Iterator[Step]:
    whole = words(card)
    made = list(steps.choices(offered, message_id, text=whole, opener=opener)) or [Step()]
    first, *others = made
    legend = "\n\n".join(part for part in (whole, first.legend) if part)
    if first.kind or legend or card.image_url:
        yield Step(
            first.kind,
            first.action,
            legend=legend,
            stand_in=first.stand_in,
            image=card.image_url,
            stands_alone=True,
        )
    yield from others
