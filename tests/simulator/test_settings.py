"""Settings from the environment."""

import json
from pathlib import Path

import pytest

from simulator import settings
from simulator.settings import Channel

SELLERS = json.dumps([{"name": "Stall", "phone_number_id": "1", "number": "+23480", "openers": ["Hey"]}])


def test_the_demo_sells_from_three_shops() -> None:
    loaded = settings.load({})
    assert [seller.phone_number_id[-1] for seller in loaded.sellers] == ["1", "2", "3"]
    assert loaded.webhook(Channel.WHATSAPP) == "http://127.0.0.1:5005/webhooks/whatsapp/webhook"


def test_sellers_come_from_json_or_a_file(tmp_path: Path) -> None:
    (tmp_path / "sellers.json").write_text(SELLERS)
    for value in (SELLERS, str(tmp_path / "sellers.json")):
        [seller] = settings.load({"SIMULATOR_SELLERS": value}).sellers
        assert (seller.name, seller.digits, seller.openers) == ("Stall", "23480", ("Hey",))


def test_a_seller_that_is_no_seller_is_named() -> None:
    with pytest.raises(ValueError, match="SIMULATOR_SELLERS"):
        settings.load({"SIMULATOR_SELLERS": '[{"nome": "x"}]'})


def test_addresses_lose_their_trailing_slash() -> None:
    loaded = settings.load({"WEBHOOK_URL": "http://h:1/", "SIMULATOR_PUBLIC_URL": "http://s/"})
    assert (loaded.webhook_url, loaded.public_url) == ("http://h:1", "http://s")
