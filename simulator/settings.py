"""What the stand-in needs to know: where the product listens, shared secrets, who sells and who shops."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

RETRY_PAUSES = (0.5, 1, 2, 4, 8, 15, 30, *([60] * 30))
DEMO_TOKEN = "demo-access-token"  # noqa: S105  the demo's published token, no secret


@dataclass(frozen=True)
class Seller:
    """A shop's WhatsApp number, written ``+234…``; ``openers`` are first messages that the page offers."""

    name: str
    phone_number_id: str
    number: str
    tagline: str = ""
    openers: tuple[str, ...] = ("Hello",)
    access_token: str = DEMO_TOKEN

    @property
    def digits(self) -> str:
        """The number as webhooks carry it: no plus sign."""
        return self.number.lstrip("+")

    @property
    def business_account(self) -> str:
        """The id of the WhatsApp business account that owns the number."""
        return f"2{self.phone_number_id[1:]}"


@dataclass(frozen=True)
class Shopper:
    """A person with a phone; ``wa_id`` is the number without plus sign, ``country`` its ISO code."""

    name: str
    wa_id: str
    country: str = "NG"
    place: str = ""

    @property
    def user_id(self) -> str:
        """The business-scoped user id that Meta sends beside the number since 2026."""
        return f"{self.country}.{int(self.wa_id):x}{int(self.wa_id[::-1]):x}"


SELLERS = (
    Seller(
        "Mama Ngozi Fabrics & Foods", "100000000000001", "+2348030000001", "Lagos · fabrics, foods, oils",
        ("Hello", "Do you have ankara fabric?", "I need 2 palm oil"),
    ),
    Seller(
        "Duka la Amina", "100000000000002", "+254700000002", "Nairobi · household, foods, kanga",
        ("Habari", "Show me what you sell", "How much is palm oil?"),
    ),
    Seller(
        "Chez Awa", "100000000000003", "+2250700000003", "Abidjan · pagnes, épicerie, beauté",
        ("Bonjour", "Je cherche un pagne", "Hello"),
    ),
)  # fmt: skip
SHOPPERS = (
    Shopper("Ada", "2348031234501", "NG", "Lagos"),
    Shopper("Kofi", "233201234502", "GH", "Accra"),
    Shopper("Wanjiru", "254701234503", "KE", "Nairobi"),
)


@dataclass(frozen=True)
class Settings:
    """Everything settable. URLs carry no trailing slash; pauses are seconds between tries of one webhook."""

    public_url: str = "http://127.0.0.1:8010"
    webhook_url: str = "http://127.0.0.1:5005"
    app_secret: str = "demo-app-secret"  # noqa: S105
    gateway_secret: str = "demo-gateway-secret"  # noqa: S105
    sellers: tuple[Seller, ...] = SELLERS
    shoppers: tuple[Shopper, ...] = SHOPPERS
    retry_pauses: tuple[float, ...] = RETRY_PAUSES
    receipt_pause: float = 0.15
    webhook_timeout: float = field(default=10.0)

    @property
    def whatsapp_webhook(self) -> str:
        """Where WhatsApp webhooks go."""
        return f"{self.webhook_url}/webhooks/whatsapp/webhook"


def load(environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings from the environment; what isn't set keeps the demo's value.

    ``SIMULATOR_SELLERS`` is a JSON list of sellers, or the path of a file with one. Raises ValueError when it
    is neither.
    """
    default = Settings()
    sellers = environment.get("SIMULATOR_SELLERS", "")
    return Settings(
        public_url=environment.get("SIMULATOR_PUBLIC_URL", default.public_url).rstrip("/"),
        webhook_url=environment.get("WEBHOOK_URL", default.webhook_url).rstrip("/"),
        app_secret=environment.get("WHATSAPP_APP_SECRET") or default.app_secret,
        gateway_secret=environment.get("PAYMENT_GATEWAY_SECRET") or default.gateway_secret,
        sellers=_sellers(sellers) if sellers else SELLERS,
    )


def _sellers(setting: str) -> tuple[Seller, ...]:
    text = setting if setting.lstrip().startswith("[") else Path(setting).read_text(encoding="utf-8")
    try:
        items: list[dict[str, Any]] = json.loads(text)
        return tuple(Seller(**{**item, "openers": tuple(item.get("openers", ("Hello",)))}) for item in items)
    except (ValueError, TypeError, AttributeError) as error:
        raise ValueError(f"SIMULATOR_SELLERS is not a JSON list of sellers: {error}") from error
