"""Where the shop delivers and for how much, where the shopper lives, where and when the shop is."""

import re
import unicodedata
from datetime import datetime

from rapidfuzz import fuzz
from rasa_sdk.events import SlotSet

from actions.address import address_in, looks_like_address
from actions.choices import button, numbered
from actions.finding import plain
from actions.money import written
from actions.names import name_in
from actions.phrases import phrase
from actions.visit import Events, ShopAction, Visit
from channels.messages import Ask
from commerce_client.models import DeliveryZone

CLOSE = 86
DAYS = {
    "mon": "monday|mondays|jumatatu|lundi|litinin|ojo aje",
    "tue": "tuesday|tuesdays|jumanne|mardi|talata|ojo isegun",
    "wed": "wednesday|wednesdays|jumatano|mercredi|laraba|ojoru|ojo ru",
    "thu": "thursday|thursdays|alhamisi|jeudi|alhamis|ojobo|ojo bo",
    "fri": "friday|fridays|ijumaa|vendredi|juma'?a|ojo eti",
    "sat": "saturday|saturdays|jumamosi|samedi|asabar|ojo abameta",
    "sun": "sunday|sundays|jumapili|dimanche|lahadi|ojo aiku",
}
TOMORROW = "tomorrow|tmrw|tomoro|kesho|demain|gobe|ola"


class ActionTellDelivery(ShopAction):
    """The fee to the place named, or to every zone."""

    called = "action_tell_delivery"

    async def act(self, visit: Visit) -> Events:
        """A shop without zones is pickup only."""
        zones = await visit.shop.delivery_zones()
        after = (
            []
            if visit.is_in_checkout
            else [button("keep_shopping", "browse_catalog"), button("cart", "view_cart")]
        )
        if not zones:
            visit.say("delivery_none", buttons=after)
            return []
        named = zone_named(zones, visit.heard.text)
        if named:
            fee, eta = zone_fee(named), phrase("eta", eta=named.eta) if named.eta else ""
            visit.say("delivery_zone", zone=named.name, fee=fee, eta=eta, buttons=after)
        else:
            visit.say("delivery_zones", lines=zone_lines(zones), buttons=after)
        return []


class ActionKeepAddress(ShopAction):
    """Remembers an address or a pin given outside the checkout."""

    called = "action_keep_address"

    async def act(self, visit: Visit) -> Events:
        """Asks for it when none was given."""
        pin = visit.heard.metadata.get("location")
        if pin:
            visit.say(
                "location_kept", buttons=[button("browse", "browse_catalog"), button("checkout", "checkout")]
            )
            return [SlotSet("location", pin), SlotSet("address", pin_address(pin))]
        if not looks_like_address(visit.heard.text):
            visit.say("ask_for_address", ask=Ask.LOCATION)
            return []
        address = address_in(visit.heard.text)
        zones = await visit.shop.delivery_zones()
        zone = zone_named(zones, address)
        visit.say(
            "address_kept",
            address=address,
            buttons=[button("browse", "browse_catalog"), button("checkout", "checkout")],
        )
        return [
            SlotSet("address", address),
            SlotSet("location", None),
            *([SlotSet("zone_id", zone.id)] if zone else []),
        ]


class ActionKeepName(ShopAction):
    """Remembers the shopper's name given outside the checkout."""

    called = "action_keep_name"

    async def act(self, visit: Visit) -> Events:
        """A text that holds no name is answered as a greeting would be."""
        name = name_in(visit.heard.text)
        if name is None:
            visit.say("affirm_nothing")
            return []
        await visit.shop.remember(name=name)
        visit.say("name_kept", name=name.split(" ")[0], buttons=[button("browse", "browse_catalog")])
        return [SlotSet("customer_name", name)]


class ActionTellHours(ShopAction):
    """When the shop is open: now, or on the day that was named."""

    called = "action_tell_hours"

    async def act(self, visit: Visit) -> Events:
        """The hours are the seller's own words."""
        known = await visit.shop.conversation()
        day = day_named(visit.heard.text, known.local_time)
        if day and known.opening and known.hours:
            spans = ", ".join(f"{start}–{end}" for start, end in known.opening.get(day) or ())
            response = "hours_day_open" if spans else "hours_day_closed"
            visit.say(response, day=phrase(f"day_{day}"), spans=spans, hours=known.hours)
        elif not known.hours:
            visit.say("hours_unknown", buttons=[button("call_person", "talk_to_human")])
        else:
            visit.say("hours_open" if known.is_open else "hours_closed", hours=known.hours)
        return []


class ActionTellPlace(ShopAction):
    """Where the shop is."""

    called = "action_tell_place"

    async def act(self, visit: Visit) -> Events:
        """Some shops have no place to visit."""
        known = await visit.shop.conversation()
        if known.shop_address:
            visit.say("place", shop=known.shop_name, address=known.shop_address)
        else:
            visit.say("place_unknown", shop=known.shop_name, buttons=[button("call_person", "talk_to_human")])
        return []


def day_named(text: str, local_time: str | None) -> str | None:
    """The weekday (``mon`` … ``sun``) that a text names in any of the languages; "tomorrow" is one too."""
    letters = unicodedata.normalize("NFKD", text.lower())
    said = "".join(letter for letter in letters if not unicodedata.combining(letter))
    found = next((day for day, names in DAYS.items() if re.search(rf"\b(?:{names})\b", said)), None)
    if found or not local_time or not re.search(rf"\b(?:{TOMORROW})\b", said):
        return found
    return list(DAYS)[(datetime.fromisoformat(local_time).weekday() + 1) % len(DAYS)]


def zone_named(zones: tuple[DeliveryZone, ...], text: str) -> DeliveryZone | None:
    """The zone whose name, or a place in its name, the text names; misspelt is near enough."""
    said = plain(text).split()
    scored = [(max((_likeness(part, said) for part in _places(zone)), default=0.0), zone) for zone in zones]
    best = max(scored, key=lambda pair: pair[0], default=(0.0, None))
    return best[1] if best[0] >= CLOSE else None


def _places(zone: DeliveryZone) -> list[str]:
    parts = [plain(part) for part in re.split(r"[,/&()\-–]| and ", zone.name)]
    return [part for part in parts if part]


def _likeness(place: str, said: list[str]) -> float:
    """How alike the place and any stretch of as many words are."""
    length = len(place.split())
    stretches = [" ".join(said[start : start + length]) for start in range(max(len(said) - length, 0) + 1)]
    return max((fuzz.ratio(place, stretch) for stretch in stretches), default=0.0)


def zone_fee(zone: DeliveryZone) -> str:
    """The fee, or that there is none."""
    return written(zone.fee) if zone.fee.amount else phrase("free")


def zone_lines(zones: tuple[DeliveryZone, ...]) -> str:
    """Zones with their fees and how long it takes."""
    return numbered(
        [f"{zone.name}: {zone_fee(zone)}{phrase('eta', eta=zone.eta) if zone.eta else ''}" for zone in zones]
    )


def pin_address(pin: dict[str, object]) -> str:
    """What a pin calls its place."""
    said = ", ".join(str(part) for part in (pin.get("name"), pin.get("address")) if part)
    return said or phrase("pin")
