"""Who writes what, and when each fault strikes: drawn from a seed, the same for the same seed."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

NGOZI, AMINA = "100000000000001", "100000000000002"
FIRST_NUMBER = 2348100000001
NUMBERS_A_FAULT = 10_000
# Demo products that "add 3 Palm oil 1 L" puts into the cart without a question, by seller.
PRODUCTS = {
    NGOZI: {
        "Lining material": "MN-LINING-MATERIAL",
        "Palm oil 1 L": "MN-PALM-OIL-1-L",
        "Palm oil 5 L": "MN-PALM-OIL-5-L",
        "Coconut oil": "MN-COCONUT-OIL",
        "Ripe plantain": "MN-RIPE-PLANTAIN",
        "Ogbono": "MN-OGBONO",
        "Dry catfish": "MN-DRY-CATFISH",
        "Ofada pepper mix": "MN-OFADA-PEPPER-MIX",
        "Cameroon pepper": "MN-CAMEROON-PEPPER",
        "Curry powder": "MN-CURRY-POWDER",
        "Suya spice": "MN-SUYA-SPICE",
        "Roasted groundnuts": "MN-ROASTED-GROUNDNUT",
    },
    AMINA: {
        "Leso ya watoto": "DA-LESO-YA-WATOTO",
        "Palm oil 1 L": "DA-PALM-OIL-1-L",
        "Mafuta ya nazi": "DA-MAFUTA-YA-NAZI",
        "Samli": "DA-SAMLI",
        "Unga wa wimbi": "DA-UNGA-WA-WIMBI",
        "Unga wa dengu": "DA-UNGA-WA-DENGU",
        "Githeri mix": "DA-GITHERI-MIX",
        "Chai masala": "DA-CHAI-MASALA",
        "Sukuma wiki": "DA-SUKUMA-WIKI",
        "Vitunguu": "DA-VITUNGUU",
        "Sabuni ya kipande": "DA-SABUNI-YA-KIPANDE",
        "Jik bleach": "DA-JIK-BLEACH",
    },
}
# Every way to write to a seller; those in which a message carries its own time; those one can write in at
# any moment, without asking for a screen first.
CHANNELS = (
    "whatsapp",
    "instagram",
    "sms_twilio",
    "ussd_africastalking",
    "whatsapp_twilio",
    "sms_africastalking",
)
TIMED = ("whatsapp", "instagram")
DIALLED = "ussd_"
WRITTEN = tuple(channel for channel in CHANNELS if not channel.startswith(DIALLED))
WHATSAPP = ("whatsapp",)
SHARE_OF_AMINA = 0.25
SHARE_OF_BUYERS = 0.25
MOST_WISHES = 4
LATEST_STRIKE = 1.5


@dataclass(frozen=True)
class Wish:
    """So many of one thing. A shopper wishes for a thing once, so a line's amount tells what became of it."""

    name: str
    sku: str
    quantity: int

    @property
    def words(self) -> str:
        """How the shopper says it."""
        return f"add {self.quantity} {self.name}"


@dataclass(frozen=True)
class Shopper:
    """One conversation to be: who, with whom, about what. ``begins`` is seconds after the round's start."""

    number: str
    seller: str
    wishes: tuple[Wish, ...]
    begins: float
    buys: bool
    channel: str = "whatsapp"


@dataclass(frozen=True)
class Round:
    """One fault and the shoppers who meet it; it strikes ``strike_at`` seconds after the round's start."""

    fault: str
    seed: str
    strike_at: float
    shoppers: tuple[Shopper, ...]

    def told(self) -> str:
        """The round in one line."""
        wishes = sum(len(shopper.wishes) for shopper in self.shoppers)
        buyers = sum(shopper.buys for shopper in self.shoppers)
        numbers = f"{self.shoppers[0].number}-{self.shoppers[-1].number[-4:]}"
        channels = len({shopper.channel for shopper in self.shoppers})
        return (
            f"{self.fault}: strikes at {self.strike_at:.2f} s; {len(self.shoppers)} shoppers ({numbers}) "
            f"on {channels} {'channel' if channels == 1 else 'channels'}, {wishes} wishes, {buyers} pay"
        )


@dataclass(frozen=True)
class Demand:
    """What a fault asks of its round: how many shoppers at least, and over how many seconds they come.

    ``place`` is the fault's among all, by which its shoppers' numbers are told apart. The ``channels`` are
    theirs in turn, beginning anywhere.
    """

    fault: str
    place: int
    shoppers: int = 3
    spread: float = 2.0
    may_buy: bool = True
    channels: tuple[str, ...] = WHATSAPP


def draw(seed: int, demands: Sequence[Demand], conversations: int) -> tuple[Round, ...]:
    """A round for each demand; together they have at least so many ``conversations``."""
    if not demands:
        return ()
    share = -(-conversations // len(demands))
    rounds = []
    for demand in demands:
        # Of its own, so that a round is the same whichever others are run beside it.
        dice = random.Random(f"{seed}:{demand.fault}")
        count = max(demand.shoppers, share)
        number = FIRST_NUMBER + demand.place * NUMBERS_A_FAULT
        first = dice.randrange(len(demand.channels))
        shoppers = tuple(
            _shopper(
                dice, str(number + place), demand, demand.channels[(first + place) % len(demand.channels)]
            )
            for place in range(count)
        )
        strike_at = round(dice.uniform(0.2, LATEST_STRIKE), 3)
        rounds.append(Round(demand.fault, f"{seed}:{demand.fault}", strike_at, shoppers))
    return tuple(rounds)


def _shopper(dice: random.Random, number: str, demand: Demand, channel: str) -> Shopper:
    seller = AMINA if dice.random() < SHARE_OF_AMINA else NGOZI
    names = dice.sample(sorted(PRODUCTS[seller]), dice.randint(3, MOST_WISHES))
    wishes = tuple(Wish(name, PRODUCTS[seller][name], dice.randint(2, 5)) for name in names)
    begins = round(dice.uniform(0, demand.spread), 3)
    buys = seller == NGOZI and dice.random() < SHARE_OF_BUYERS
    return Shopper(number, seller, wishes, begins, buys and demand.may_buy, channel)
