"""The three demo sellers: who they are, where they deliver, and the numbers shoppers write to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

PASSWORD = "demo-market-2026"  # noqa: S105 -- printed by `make run`; demo mode only
ACCESS_TOKEN = "demo-access-token"  # noqa: S105 -- what the simulator accepts
ADMIN = "admin@demo.example"


@dataclass(frozen=True)
class Zone:
    """Where a seller delivers. ``fee`` in major units; ``aliases`` are places in it."""

    name: str
    fee: int
    eta: str
    aliases: tuple[str, ...]


@dataclass(frozen=True)
class DemoAccount:
    """A number or page of a demo seller; without ``credentials`` the platform's serve."""

    channel: str
    address: str
    display_number: str | None
    credentials: Mapping[str, str] = field(default_factory=dict)


OWN_TOKEN = {"access_token": ACCESS_TOKEN}


@dataclass(frozen=True)
class DemoSeller:
    """A demo tenant. ``logins`` maps an e-mail address to (name, role).

    ``floor_percent`` of its price is what anything may be bargained down to, ``discount_limit_percent`` the
    most a member takes off a cart.
    """

    slug: str
    name: str
    currency: str
    country: str
    languages: tuple[str, ...]
    timezone: str
    address: str
    hours: str
    opening: dict[str, Any]
    whatsapp_id: str
    whatsapp_number: str
    instagram_id: str
    sms_number: str
    ussd_code: str
    logins: dict[str, tuple[str, str]]
    zones: tuple[Zone, ...] = field(default=())
    floor_percent: int = 85
    returns_policy: str | None = None
    discount_limit_percent: int = 10

    @property
    def accounts(self) -> tuple[DemoAccount, ...]:
        """Every number and page of theirs; Twilio's and Africa's Talking's are the platform's to send by."""
        number, sms = self.whatsapp_number, self.sms_number
        return (
            DemoAccount("whatsapp", self.whatsapp_id, number, OWN_TOKEN),
            DemoAccount("whatsapp_twilio", number, number),
            DemoAccount("instagram", self.instagram_id, None, OWN_TOKEN),
            DemoAccount("sms_twilio", sms, sms),
            DemoAccount("sms_africastalking", sms, sms),
            DemoAccount("ussd_africastalking", self.ussd_code, self.ussd_code),
        )


def _week(
    weekdays: list[list[str]], saturday: list[list[str]], sunday: list[list[str]] | None = None
) -> dict[str, Any]:
    days: dict[str, Any] = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), weekdays)
    days["sat"] = saturday
    if sunday:
        days["sun"] = sunday
    return days


SELLERS = (
    DemoSeller(
        slug="mama-ngozi",
        name="Mama Ngozi Fabrics & Foods",
        currency="NGN",
        country="NG",
        languages=("en", "pcm", "yo", "ha"),
        timezone="Africa/Lagos",
        address="Shop 14, Tejuosho Market, Yaba, Lagos",
        hours="Monday to Friday 8am–7pm, Saturday 9am–6pm, closed on Sunday",
        returns_policy="Bring it back within 7 days, unused. Cut fabric and food stay sold.",
        opening=_week([["08:00", "19:00"]], [["09:00", "18:00"]]),
        whatsapp_id="100000000000001",
        whatsapp_number="+2348030000001",
        instagram_id="17841400000000001",
        sms_number="+2348030000011",
        ussd_code="*384*1001#",
        logins={
            "ngozi@demo.example": ("Ngozi Okafor", "owner"),
            "tunde@demo.example": ("Tunde Bakare", "agent"),
        },
        zones=(
            Zone(
                "Yaba & Surulere",
                1500,
                "same day",
                ("Yaba", "Surulere", "Ebute Metta", "Tejuosho", "Oyingbo"),
            ),
            Zone("Lagos Island", 2500, "same day", ("Lagos Island", "Marina", "Obalende", "CMS")),
            Zone("Victoria Island & Ikoyi", 3000, "same day", ("VI", "Victoria Island", "Ikoyi")),
            Zone("Lekki & Ajah", 3500, "next day", ("Lekki", "Ajah", "Chevron", "Sangotedo")),
            Zone(
                "Ikeja & Mainland North", 2000, "same day", ("Ikeja", "Maryland", "Ogba", "Agege", "Oshodi")
            ),
            Zone(
                "Outside Lagos", 5500, "2–4 days", ("Ibadan", "Abeokuta", "Abuja", "Port Harcourt", "Benin")
            ),
        ),
    ),
    DemoSeller(
        slug="duka-amina",
        name="Duka la Amina",
        currency="KES",
        country="KE",
        languages=("sw", "en"),
        timezone="Africa/Nairobi",
        address="Duka 7, Biashara Street, Nairobi",
        hours="Jumatatu–Ijumaa 7am–7pm, Jumamosi 8am–6pm, Jumapili 9am–1pm",
        returns_policy="Rudisha ndani ya siku 7 ikiwa haijatumika. Chakula hakirudishwi.",
        opening=_week([["07:00", "19:00"]], [["08:00", "18:00"]], [["09:00", "13:00"]]),
        whatsapp_id="100000000000002",
        whatsapp_number="+254700000002",
        instagram_id="17841400000000002",
        sms_number="+254700000012",
        ussd_code="*384*1002#",
        logins={"amina@demo.example": ("Amina Hassan", "owner")},
        zones=(
            Zone("CBD", 150, "saa 2", ("Town", "City Centre", "Biashara Street", "Nairobi CBD")),
            Zone("Westlands & Kilimani", 250, "leo hii", ("Westlands", "Kilimani", "Lavington", "Parklands")),
            Zone("Eastlands", 200, "leo hii", ("Buruburu", "Umoja", "Donholm", "Eastleigh", "Kayole")),
            Zone(
                "Kasarani & Thika Road", 300, "leo hii", ("Kasarani", "Roysambu", "Zimmerman", "Thika Road")
            ),
            Zone("Nje ya Nairobi", 500, "siku 1–3", ("Mombasa", "Kisumu", "Nakuru", "Eldoret", "Thika")),
        ),
    ),
    DemoSeller(
        slug="chez-awa",
        name="Chez Awa",
        currency="XOF",
        country="CI",
        languages=("fr",),
        timezone="Africa/Abidjan",
        address="Stand 22, Marché de Treichville, Abidjan",
        hours="Lundi–vendredi 8h–19h, samedi 8h–17h, fermé le dimanche",
        returns_policy="Retour sous 7 jours, article non utilisé. Ni les tissus coupés ni la nourriture.",
        opening=_week([["08:00", "19:00"]], [["08:00", "17:00"]]),
        whatsapp_id="100000000000003",
        whatsapp_number="+2250700000003",
        instagram_id="17841400000000003",
        sms_number="+2250700000013",
        ussd_code="*384*1003#",
        logins={"awa@demo.example": ("Awa Koné", "owner")},
        zones=(
            Zone(
                "Treichville & Marcory",
                1000,
                "le jour même",
                ("Treichville", "Marcory", "Koumassi", "Zone 4"),
            ),
            Zone("Plateau & Adjamé", 1000, "le jour même", ("Plateau", "Adjamé", "Attécoubé")),
            Zone("Cocody", 1500, "le jour même", ("Cocody", "Riviera", "Angré", "Deux Plateaux")),
            Zone("Yopougon", 1500, "le lendemain", ("Yopougon", "Yop")),
            Zone(
                "Hors d'Abidjan", 3500, "2 à 4 jours", ("Bouaké", "Yamoussoukro", "San-Pédro", "Grand-Bassam")
            ),
        ),
    ),
)
