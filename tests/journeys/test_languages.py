"""From greeting to paid order in each language, as people of that market type it; no English slips in."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import httpx
import pytest

from tests.journeys.desk import Desk
from tests.journeys.phones import MAMA_NGOZI, Phone

DUKA_AMINA, CHEZ_AWA = "100000000000002", "100000000000003"
# Words that hold an English sentence together; goods, places and the seller's own texts may be English.
ENGLISH = re.compile(
    r"\b(the|your|you|please|are|with|would|shall|what|how|here|this|that|will|can|was|have|anything|else|"
    r"welcome|thanks?|sorry|from|each|again|want|order is|in your|we|our|it's)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Native:
    """What a shopper of a language says, from greeting to paying."""

    language: str
    seller: str
    login: str
    said: tuple[str, ...]


NATIVES = (
    Native(
        "en",
        MAMA_NGOZI,
        "ngozi@demo.example",
        (
            "good afternoon",
            "do you have palm oil?",
            "2 palm oil 1 L please",
            "no thanks",
            "i want to checkout",
            "deliver it to me",
            "Yaba",
            "14 Herbert Macaulay Way",
            "pay online",
            "yes, confirm",
        ),
    ),
    Native(
        "pcm",
        MAMA_NGOZI,
        "ngozi@demo.example",
        (
            "how you dey",
            "abeg you get palm oil?",
            "give me 2 palm oil 1 L",
            "no thank you",
            "i wan pay",
            "bring am come",
            "Yaba",
            "14 Herbert Macaulay Way",
            "pay online",
            "yes na",
        ),
    ),
    Native(
        "sw",
        DUKA_AMINA,
        "amina@demo.example",
        (
            "habari za leo",
            "mna samli?",
            "nataka samli mbili",
            "hapana asante",
            "nataka kulipa",
            "niletewe",
            "Westlands",
            "Mpaka Road, nyumba namba 12",
            "lipa mtandaoni",
            "ndiyo, thibitisha",
        ),
    ),
    Native(
        "fr",
        CHEZ_AWA,
        "awa@demo.example",
        (
            "bonjour",
            "vous avez du savon noir ?",
            "je prends deux savons noirs",
            "non merci",
            "je veux commander",
            "livraison",
            "Cocody",
            "Riviera 2, rue des jardins, villa 15",
            "payer en ligne",
            "oui, je confirme",
        ),
    ),
    Native(
        "ha",
        MAMA_NGOZI,
        "ngozi@demo.example",
        (
            "ina kwana",
            "kuna da palm oil?",
            "ina son palm oil 1 L guda biyu",
            "a'a, na gode",
            "ina so in biya",
            "a kawo min",
            "Yaba",
            "14 Herbert Macaulay Way",
            "biya ta intanet",
            "eh, na tabbatar",
        ),
    ),
    Native(
        "yo",
        MAMA_NGOZI,
        "ngozi@demo.example",
        (
            "ẹ káàárọ̀",
            "ṣé ẹ ní palm oil?",
            "mo fẹ́ palm oil 1 L méjì",
            "rárá, ẹ ṣé",
            "mo fẹ́ sanwó",
            "ẹ gbé e wá fún mi",
            "Yaba",
            "14 Herbert Macaulay Way",
            "san lórí ayélujára",
            "bẹ́ẹ̀ ni",
        ),
    ),
)


def own_words(text: str, seller: Desk) -> str:
    """The text without what the seller wrote: names, descriptions, zones and their times."""
    products = seller.get("/products", limit=200)["items"]
    texts = [product[name] for product in products for name in ("description", "name") if product[name]]
    zones = seller.get("/delivery-zones")["items"]
    texts += [zone[name] for zone in zones for name in ("name", "eta") if zone[name]]
    for told in sorted(texts, key=len, reverse=True):
        text = text.replace(told, "")
    return text


@pytest.mark.parametrize("native", NATIVES, ids=lambda native: native.language)
def test_a_shopper_buys_in_their_own_language(
    phone: Callable[..., Phone], desk: Callable[[str], Desk], native: Native
) -> None:
    shopper, seller = phone(native.seller), desk(native.login)
    replies = [shopper.say(words) for words in native.said]
    orders = seller.get("/orders", conversation_id=shopper.conversation_id)["items"]
    assert len(orders) == 1, "\n".join(
        f"> {said}\n{reply.text}" for said, reply in zip(native.said, replies, strict=True)
    )
    shopper.catch_up()
    answer = httpx.post(shopper.pay_link(), data={"decision": "approve"}, follow_redirects=True)
    assert answer.status_code == 200
    number = orders[0]["number"]
    replies.append(shopper.wait_for(number))
    assert seller.get(f"/orders/{number}")["is_paid"]
    if native.language in {"sw", "fr", "ha", "yo"}:
        said = own_words("\n".join(reply.everything for reply in replies), seller)
        assert sorted(set(ENGLISH.findall(said))) == []
