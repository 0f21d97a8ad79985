"""Messages as careless sellers and hostile texts would make them, and a look into what was built of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

from channels.messages import Ask, Choice, Link, OutboundMessage
from channels.provider import SenderAccount

ACCOUNT = SenderAccount("100000000000001", "http://127.0.0.1:8010/whatsapp", {"access_token": "t"}, "v23.0")
MESSAGE_ID = "0f8fad5b-d9cb-469f-a165-70867728950e"

LETTERS = st.characters(exclude_categories=["Cc", "Cf", "Cs", "Zs", "Zl", "Zp", "Mn", "Me", "Mc"])
WORDS = st.text(LETTERS, min_size=1, max_size=14)
WRITTEN = st.lists(
    st.tuples(WORDS, st.sampled_from([" ", " ", " ", "\n", "\n\n", ". "])), min_size=1, max_size=30
).map(lambda pairs: "".join(word + gap for word, gap in pairs))
ANYTHING = st.text(max_size=200)
LONG = st.tuples(WRITTEN, st.integers(1, 60)).map(lambda pair: pair[0] * pair[1])


@st.composite
def choices(draw: st.DrawFn) -> Choice:
    """A choice, its title and description as long as a careless seller would make them."""
    return Choice(
        title=draw(st.one_of(WRITTEN, ANYTHING)),
        intent="add_to_cart",
        entities={"product": draw(WORDS)},
        description=draw(st.none() | WRITTEN),
    )


def messages() -> st.SearchStrategy[OutboundMessage]:
    """Any message the assistant might say."""
    return st.builds(
        OutboundMessage,
        text=st.one_of(WRITTEN, LONG, ANYTHING),
        choices=st.lists(choices(), max_size=34).map(tuple),
        image_url=st.none() | st.just("https://shop.example/photo.jpg"),
        link=st.none()
        | st.builds(Link, title=st.one_of(WRITTEN, ANYTHING), url=st.just("https://pay.example/1")),
        opener=st.none() | WRITTEN,
        ask=st.none() | st.sampled_from(Ask),
    )


def strings(node: Any) -> Iterator[str]:
    """Every string anywhere in ``node``."""
    if isinstance(node, str):
        yield node
    children: list[Any] = (
        list(node.values()) if isinstance(node, dict) else node if isinstance(node, list) else []
    )
    for child in children:
        yield from strings(child)
