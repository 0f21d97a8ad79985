"""A shop that speaks the commerce API's contract over HTTP, and a shopper who visits it."""

from collections.abc import AsyncIterator

import pytest

from actions import client as actions_client
from commerce_client.client import CommerceClient
from tests.actions.shop import StandInShop
from tests.actions.visitor import Visitor


@pytest.fixture
def shop() -> StandInShop:
    """A small shop in Lagos: ankara in two colours, plain ankara, palm oil in two sizes, thread."""
    return StandInShop()


@pytest.fixture
async def visitor(shop: StandInShop, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Visitor]:
    """Runs actions against the shop as the action server would, keeping slots between turns."""
    client = CommerceClient("http://shop.test", "token", transport=shop.transport)
    monkeypatch.setattr(actions_client, "client", lambda: client)
    yield Visitor()
    await client.close()
