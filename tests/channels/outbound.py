"""Messages as careless sellers and hostile texts would make them, and a look into what was built of them."""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Iterator
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from channels import gsm
from channels.messages import Ask, Card, Choice, Link, OutboundMessage, Template
from channels.provider import Provider, ProviderRequest, SenderAccount
from channels.registry import PROVIDERS
from tests.channels import recordings

ACCOUNT = SenderAccount("100000000000001", "http://127.0.0.1:8010/whatsapp", {"access_token": "t"}, "v23.0")
MESSAGE_ID = "0f8fad5b-d9cb-469f-a165-70867728950e"
CREDENTIALS = {
    "access_token": "t",
    "account_sid": "AC00000000000000000000000000000000",
    "auth_token": "t",
    "username": "shop",
    "api_key": "k",
}

LETTERS = st.characters(exclude_categories=["Cc", "Cf", "Cs", "Zs", "Zl", "Zp", "Mn", "Me", "Mc"])
WORDS = st.text(LETTERS, min_size=1, max_size=14)
WRITTEN = st.lists(
    st.tuples(WORDS, st.sampled_from([" ", " ", " ", "\n", "\n\n", ". "])), min_size=1, max_size=30
).map(lambda pairs: "".join(word + gap for word, gap in pairs))
ANYTHING = st.text(max_size=80)
# A title or description, longer than any button.
SAID = st.lists(WORDS, min_size=1, max_size=9).map(" ".join)
LONG = st.tuples(WRITTEN, st.integers(1, 60)).map(lambda pair: pair[0] * pair[1])
PHOTO = "https://shop.example/photo.jpg"
# A provider may send the plain way to write a letter for the other.
PLAIN = str.maketrans(gsm.SPELLINGS)


# Messages are large, and the machine may be busy: neither is what these tests are about.
of_messages = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def choices(draw: st.DrawFn) -> Choice:
    """A choice, its title and description as long as a careless seller would make them."""
    return Choice(
        title=draw(st.one_of(SAID, ANYTHING)),
        intent="add_to_cart",
        entities={"product": "p1"},
        description=draw(st.none() | SAID),
    )


def links(url: str) -> st.SearchStrategy[Link | None]:
    """A link to ``url``, or none."""
    return st.none() | st.builds(Link, title=st.one_of(WRITTEN, ANYTHING), url=st.just(url))


def cards() -> st.SearchStrategy[Card]:
    """A product of several, as long-winded as the rest."""
    return st.builds(
        Card,
        title=st.one_of(SAID, ANYTHING),
        description=st.none() | SAID,
        image_url=st.none() | st.just(PHOTO),
        sku=st.none() | st.just("SKU-1"),
        choices=st.lists(choices(), max_size=3).map(tuple),
    )


def messages() -> st.SearchStrategy[OutboundMessage]:
    """Any message the assistant might say of its own accord."""
    return st.builds(
        OutboundMessage,
        text=st.one_of(WRITTEN, LONG, ANYTHING),
        choices=st.lists(choices(), max_size=23).map(tuple),
        cards=st.just(()) | st.lists(cards(), max_size=11).map(tuple),
        image_url=st.none() | st.just(PHOTO),
        link=links("https://shop.example/1?a=b&c=d"),
        pay=links("https://pay.example/1"),
        opener=st.none() | WRITTEN,
        ask=st.none() | st.sampled_from(Ask),
    )


def templates() -> st.SearchStrategy[OutboundMessage]:
    """A message outside the reply window, with what the shopper will read."""
    template = st.builds(
        Template,
        name=st.just("order_ready"),
        language=st.just("en"),
        parameters=st.lists(WORDS, max_size=4).map(tuple),
    )
    return st.builds(OutboundMessage, text=WRITTEN, template=template)


@functools.cache
def account(name: str) -> SenderAccount:
    """A seller's account on the channel ``name``, the one its recordings are for."""
    setup = PROVIDERS[name].setup
    return SenderAccount(
        address=_recorded(name, "account") or ACCOUNT.address,
        base_url=f"http://127.0.0.1:8010/{setup.vendor}",
        credentials=CREDENTIALS,
        api_version=setup.api_version,
        callback_url=f"https://bot.example/webhooks/{name}/webhook",
    )


@functools.cache
def address(name: str) -> str:
    """A shopper's address on the channel ``name``, the one its recordings are from."""
    return _recorded(name, "sender") or "2348031112233"


def build(provider: Provider, message: OutboundMessage) -> tuple[ProviderRequest, ...]:
    """What the provider makes of a message to that shopper from that account."""
    return provider.build(message, MESSAGE_ID, address(provider.name), account(provider.name))


def said(requests: tuple[ProviderRequest, ...]) -> list[str]:
    """What the requests' bodies all say, then every other string of theirs, in order."""
    bodies = [list(strings(request.json_body or request.form)) for request in requests]
    everywhere = set(bodies[0]).intersection(*bodies[1:]) if bodies[1:] else set()
    rest = [text for body in bodies for text in body if text not in everywhere]
    return [*sorted(everywhere), *rest]


def strings(node: Any) -> Iterator[str]:
    """Every string anywhere in ``node``."""
    if isinstance(node, str):
        yield node
    children: list[Any] = (
        list(node.values()) if isinstance(node, dict) else node if isinstance(node, list) else []
    )
    for child in children:
        yield from strings(child)


def readable(text: str) -> str:
    """The text less what can't be sent; empty when nothing of it can be seen."""
    if all(letter.isspace() or unicodedata.category(letter) in ("Cc", "Cf") for letter in text):
        return ""
    return text.replace("\x00", "")


def folded(text: str) -> str:
    """The letters and digits of a text, plain: what no way of writing it may lose."""
    plain = unicodedata.normalize("NFKD", text.translate(PLAIN))
    return "".join(letter for letter in plain if unicodedata.category(letter)[0] in "LN")


def _recorded(name: str, part: str) -> str | None:
    told = [message for held in recordings.of_channel(name) for message in held.expected["messages"]]
    return next((message[part] for message in told if part in message), None)


# A provider that builds nothing answers in the webhook itself; its own tests hold those answers to the rules.
SPEAKING = [one for one in PROVIDERS.values() if build(one, OutboundMessage("Hello"))]
