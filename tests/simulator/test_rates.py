"""The providers' rates: exactly theirs when asked, generous otherwise."""

import pytest

from simulator.chats import Phones
from simulator.rates import Rates, Strictness
from simulator.settings import Channel, Settings
from tests.simulator.conftest import ADA, SELLER, StandIn

WANJIRU = "254701234503"


class Clock:
    """A clock that stands until it is moved."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_whatsapp_takes_45_messages_to_one_shopper_and_then_one_every_six_seconds() -> None:
    clock, phones = Clock(), Phones(Settings())
    rates = Rates(Strictness.EXACT, clock)
    line = phones.line(Channel.WHATSAPP, SELLER)
    ada, wanjiru = phones.chat(ADA, line), phones.chat(WANJIRU, line)
    assert [rates.exceeded(ada) for _ in range(45)] == [None] * 45
    limit = rates.exceeded(ada)
    assert limit is not None
    assert limit.code == 131056
    assert rates.exceeded(wanjiru) is None
    clock.now = 6.1
    assert rates.exceeded(ada) is None
    assert rates.exceeded(ada) is limit


def test_whatsapp_takes_80_messages_a_second_of_one_number() -> None:
    clock, phones = Clock(), Phones(Settings())
    rates = Rates(Strictness.EXACT, clock)
    line = phones.line(Channel.WHATSAPP, SELLER)
    chats = [phones.chat(f"23480000000{place:02}", line) for place in range(81)]
    broken = [rates.exceeded(chat) for chat in chats]
    assert broken[:80] == [None] * 80
    assert broken[80] is not None
    assert broken[80].code == 130429
    clock.now = 0.5
    assert [rates.exceeded(chat) for chat in chats[:40]] == [None] * 40


@pytest.mark.parametrize(("mode", "refused"), [("exact", True), ("generous", False), ("off", False)])
async def test_rates_are_kept_as_asked(stand_in: StandIn, mode: str, refused: bool) -> None:
    assert (await stand_in.http.put("/control/limits", json={"mode": mode})).status_code == 204
    answers = [await stand_in.send(type="text", text={"body": str(place)}) for place in range(50)]
    assert any(answer.status_code != 200 for answer in answers) is refused
    if refused:
        assert answers[-1].json()["error"]["code"] == 131056
