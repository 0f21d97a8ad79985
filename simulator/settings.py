"""What the stand-in needs to know: where the product listens, shared secrets, who sells and who shops."""

import enum
import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# Meta tries again for days; so that a person at the page need not wait as long, this is minutes.
RETRY_PAUSES = (0.5, 1, 2, 4, 8, 15, 30, *([60] * 30))
DEMO_TOKEN = "demo-access-token"  # noqa: S105  the demo's published token, no secret


class Channel(enum.StrEnum):
    """A way to write to a seller, named as the product names it."""

    WHATSAPP = "whatsapp"
    WHATSAPP_TWILIO = "whatsapp_twilio"
    INSTAGRAM = "instagram"
    SMS_TWILIO = "sms_twilio"
    SMS_AFRICASTALKING = "sms_africastalking"
    USSD_AFRICASTALKING = "ussd_africastalking"


@dataclass(frozen=True)
class Line:
    """A seller's number, page or code on one channel. ``account`` is what the provider calls it."""

    channel: Channel
    account: str
    seller: "Seller"

    @property
    def shown(self) -> str:
        """What a phone shows of it: a number, a name with @, a code to dial."""
        if self.channel is Channel.WHATSAPP:
            return self.seller.number
        return f"@{self.seller.handle}" if self.channel is Channel.INSTAGRAM else self.account


@dataclass(frozen=True)
class Seller:
    """A shop and its lines; those it leaves empty it doesn't have. Numbers are written ``+234…``.

    ``openers`` are first messages that the page offers.
    """

    name: str
    phone_number_id: str
    number: str
    tagline: str = ""
    openers: tuple[str, ...] = ("Hello",)
    access_token: str = DEMO_TOKEN
    instagram_id: str = ""
    handle: str = ""
    sms_number: str = ""
    ussd_code: str = ""

    @property
    def digits(self) -> str:
        """The WhatsApp number as Meta's webhooks carry it: no plus sign."""
        return self.number.lstrip("+")

    @property
    def business_account(self) -> str:
        """The id of the WhatsApp business account that owns the number."""
        return f"2{self.phone_number_id[1:]}"

    @property
    def lines(self) -> tuple[Line, ...]:
        """Every way to write to this seller."""
        accounts = {
            Channel.WHATSAPP: self.phone_number_id,
            Channel.WHATSAPP_TWILIO: self.number,
            Channel.INSTAGRAM: self.instagram_id,
            Channel.SMS_TWILIO: self.sms_number,
            Channel.SMS_AFRICASTALKING: self.sms_number,
            Channel.USSD_AFRICASTALKING: self.ussd_code,
        }
        return tuple(Line(channel, account, self) for channel, account in accounts.items() if account)


@dataclass(frozen=True)
class Shopper:
    """A person with a phone; ``wa_id`` is the number without plus sign, ``country`` its ISO code."""

    name: str
    wa_id: str
    country: str = "NG"
    place: str = ""

    @property
    def number(self) -> str:
        """The number with its plus sign."""
        return f"+{self.wa_id}"

    @property
    def user_id(self) -> str:
        """The business-scoped user id that Meta sends beside the number since 2026."""
        return f"{self.country}.{int(self.wa_id):x}{int(self.wa_id[::-1]):x}"

    @property
    def handle(self) -> str:
        """Their name on Instagram."""
        return f"{self.name.lower().replace(' ', '_')}.{self.wa_id[-4:]}"

    def instagram_id(self, account: str) -> str:
        """Their id on Instagram as the ``account`` they write to knows it: another for every account."""
        digest = hashlib.sha256(f"{account}:{self.wa_id}".encode()).hexdigest()
        return str(10**15 + int(digest, 16) % (9 * 10**15))


SELLERS = (
    Seller(
        "Mama Ngozi Fabrics & Foods", "100000000000001", "+2348030000001", "Lagos · fabrics, foods, oils",
        ("Hello", "Do you have ankara fabric?", "I need 2 palm oil"),
        instagram_id="17841400000000001", handle="mama.ngozi.lagos",
        sms_number="+2348030000011", ussd_code="*384*1001#",
    ),
    Seller(
        "Duka la Amina", "100000000000002", "+254700000002", "Nairobi · household, foods, kanga",
        ("Habari", "Show me what you sell", "How much is palm oil?"),
        instagram_id="17841400000000002", handle="duka.la.amina",
        sms_number="+254700000012", ussd_code="*384*1002#",
    ),
    Seller(
        "Chez Awa", "100000000000003", "+2250700000003", "Abidjan · pagnes, épicerie, beauté",
        ("Bonjour", "Je cherche un pagne", "Hello"),
        instagram_id="17841400000000003", handle="chez.awa.abidjan",
        sms_number="+2250700000013", ussd_code="*384*1003#",
    ),
)  # fmt: skip
SHOPPERS = (
    Shopper("Ada", "2348031234501", "NG", "Lagos"),
    Shopper("Kofi", "233201234502", "GH", "Accra"),
    Shopper("Wanjiru", "254701234503", "KE", "Nairobi"),
)


@dataclass(frozen=True)
class Settings:
    """Everything settable. URLs carry no trailing slash.

    ``retry_pauses`` are the seconds between Meta's tries of one webhook, ``twilio_pauses`` between Twilio's;
    Africa's Talking tries once. ``receipt_pause`` is what lies between two receipts of a message.
    """

    public_url: str = "http://127.0.0.1:8010"
    webhook_url: str = "http://127.0.0.1:5005"
    app_secret: str = "demo-app-secret"  # noqa: S105
    instagram_secret: str = "demo-app-secret"  # noqa: S105
    twilio_sid: str = "ACdemo00000000000000000000000000000"
    twilio_token: str = "demo-auth-token"  # noqa: S105
    africastalking_username: str = "demo-username"
    africastalking_key: str = "demo-api-key"
    callback_key: str = "demo-callback-key"
    gateway_secret: str = "demo-gateway-secret"  # noqa: S105
    sellers: tuple[Seller, ...] = SELLERS
    shoppers: tuple[Shopper, ...] = SHOPPERS
    retry_pauses: tuple[float, ...] = RETRY_PAUSES
    twilio_pauses: tuple[float, ...] = (1.0,)
    receipt_pause: float = 0.15
    webhook_timeout: float = field(default=10.0)
    limits: str = "generous"

    def webhook(self, channel: Channel) -> str:
        """Where a channel's webhooks go; Africa's Talking's have the secret in their path."""
        key = f"{self.callback_key}/" if channel.endswith("_africastalking") else ""
        return f"{self.webhook_url}/webhooks/{channel}/{key}webhook"

    def pauses(self, channel: Channel) -> tuple[float, ...]:
        """The seconds between the tries of one webhook of the channel."""
        if channel.endswith("_africastalking"):
            return ()
        return self.twilio_pauses if channel.endswith("_twilio") else self.retry_pauses


def load(environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings from the environment; what isn't set keeps the demo's value.

    ``SIMULATOR_SELLERS`` is a JSON list of sellers, or the path of a file with one;
    ``SIMULATOR_RETRY_PAUSES`` seconds with commas between; ``SIMULATOR_LIMITS`` ``generous``, ``exact`` or
    ``off``. Raises ValueError when one isn't.
    """
    default = Settings()

    def told(name: str, otherwise: str) -> str:
        return environment.get(name) or otherwise

    sellers, pauses = environment.get("SIMULATOR_SELLERS", ""), environment.get("SIMULATOR_RETRY_PAUSES", "")
    limits = told("SIMULATOR_LIMITS", default.limits)
    if limits not in ("generous", "exact", "off"):
        raise ValueError(f"SIMULATOR_LIMITS is generous, exact or off, not {limits!r}")
    return Settings(
        public_url=told("SIMULATOR_PUBLIC_URL", default.public_url).rstrip("/"),
        webhook_url=told("WEBHOOK_URL", default.webhook_url).rstrip("/"),
        app_secret=told("WHATSAPP_APP_SECRET", default.app_secret),
        instagram_secret=told("INSTAGRAM_APP_SECRET", default.instagram_secret),
        twilio_sid=told("TWILIO_ACCOUNT_SID", default.twilio_sid),
        twilio_token=told("TWILIO_AUTH_TOKEN", default.twilio_token),
        africastalking_username=told("AFRICASTALKING_USERNAME", default.africastalking_username),
        africastalking_key=told("AFRICASTALKING_API_KEY", default.africastalking_key),
        callback_key=told("AFRICASTALKING_CALLBACK_KEY", default.callback_key),
        gateway_secret=told("PAYMENT_GATEWAY_SECRET", default.gateway_secret),
        sellers=_sellers(sellers) if sellers else SELLERS,
        retry_pauses=tuple(map(float, pauses.split(","))) if pauses else RETRY_PAUSES,
        limits=limits,
    )


def _sellers(setting: str) -> tuple[Seller, ...]:
    text = setting if setting.lstrip().startswith("[") else Path(setting).read_text(encoding="utf-8")
    try:
        items: list[dict[str, Any]] = json.loads(text)
        return tuple(Seller(**{**item, "openers": tuple(item.get("openers", ("Hello",)))}) for item in items)
    except (ValueError, TypeError, AttributeError) as error:
        raise ValueError(f"SIMULATOR_SELLERS is not a JSON list of sellers: {error}") from error
