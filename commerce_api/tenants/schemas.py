"""The JSON of tenants, users and members."""

from datetime import datetime
from functools import lru_cache
from typing import Annotated, Literal
from uuid import UUID
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from commerce_api.core.money import MINOR_DIGITS
from commerce_api.tenants.models import PaymentMethod, Role, TenantStatus
from commerce_api.tenants.passwords import LONGEST, SHORTEST

Language = Literal["en", "pcm", "sw", "fr", "ha", "yo"]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)]
Slug = Annotated[str, StringConstraints(pattern="^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")]
Email = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, to_lower=True, max_length=254, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$"
    ),
]
Password = Annotated[str, StringConstraints(min_length=SHORTEST, max_length=LONGEST)]


@lru_cache
def _timezones() -> frozenset[str]:
    return frozenset(available_timezones())


def _known_timezone(name: str) -> str:
    if name not in _timezones():
        raise ValueError("not a time zone of the IANA database, such as Africa/Lagos")
    return name


def _known_currency(code: str) -> str:
    if code not in MINOR_DIGITS:
        raise ValueError(f"one of {', '.join(MINOR_DIGITS)}")
    return code


def _distinct[T](values: list[T]) -> list[T]:
    return list(dict.fromkeys(values))


Timezone = Annotated[str, AfterValidator(_known_timezone)]
Currency = Annotated[str, AfterValidator(_known_currency)]
Languages = Annotated[list[Language], Field(min_length=1), AfterValidator(_distinct)]
PaymentMethods = Annotated[list[PaymentMethod], Field(min_length=1), AfterValidator(_distinct)]
Percent = Annotated[int, Field(ge=0, le=100)]
# A span that ends at or before its start runs past midnight.
TimeOfDay = Annotated[str, StringConstraints(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$")]
Span = tuple[TimeOfDay, TimeOfDay]
Opening = dict[Weekday, Annotated[list[Span], Field(max_length=10)]]


class TokenRead(BaseModel):
    """A bearer token; ``expires_in`` in seconds."""

    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 -- OAuth's name for the kind of token
    expires_in: int


class PasswordChange(BaseModel):
    """A new password, and the current one to prove who asks."""

    current: Annotated[str, StringConstraints(max_length=LONGEST)]
    new: Password


class UserRead(BaseModel):
    """A user."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    email: str
    name: str
    is_platform_admin: bool


class MyMembership(BaseModel):
    """One tenant of the user's. ``status`` is the tenant's."""

    model_config = ConfigDict(from_attributes=True)

    tenant_id: UUID
    slug: str
    name: str
    role: Role
    status: TenantStatus


class MeRead(UserRead):
    """The user, and every tenant they are a member of, oldest membership first."""

    memberships: list[MyMembership]


class TenantRead(BaseModel):
    """A tenant. ``hours`` is shown to shoppers; ``opening`` says when the shop is open, empty for always."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    slug: str
    name: str
    currency: str
    country: str
    languages: list[str]
    timezone: str
    address: str | None
    hours: str | None
    returns_policy: str | None
    opening: dict[str, list[tuple[str, str]]]
    payment_methods: list[str]
    upsell_held_out_percent: int
    discount_limit_percent: int
    shares_out: bool
    status: TenantStatus
    created_at: datetime


class OwnerCreate(BaseModel):
    """A new tenant's first owner. An e-mail address that is known already keeps its name and password."""

    email: Email
    name: Name
    password: Password


class TenantCreate(BaseModel):
    """A new tenant. Currency and slug stay for good."""

    slug: Slug
    name: Name
    currency: Currency
    country: Annotated[str, StringConstraints(pattern="^[A-Z]{2}$")]
    timezone: Timezone
    languages: Languages = ["en"]
    address: Words | None = None
    hours: Words | None = None
    returns_policy: Words | None = None
    opening: Opening = {}
    payment_methods: PaymentMethods = [PaymentMethod.CASH_ON_DELIVERY]
    upsell_held_out_percent: Percent = 10
    discount_limit_percent: Percent = 0
    shares_out: bool = False
    owner: OwnerCreate


class TenantPatch(BaseModel):
    """Settings to change; what is left out stays."""

    name: Name = ""
    timezone: Timezone = ""
    languages: Languages = []
    address: Words | None = None
    hours: Words | None = None
    returns_policy: Words | None = None
    opening: Opening = {}
    payment_methods: PaymentMethods = []
    upsell_held_out_percent: Percent = 0
    discount_limit_percent: Percent = 0
    shares_out: bool = False


class MemberRead(BaseModel):
    """A member: ``id`` is the membership's."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    user_id: UUID
    email: str
    name: str
    role: Role
    created_at: datetime


class MemberCreate(OwnerCreate):
    """Someone to add, with a first password for whom the platform doesn't know yet."""

    role: Role


class MemberPatch(BaseModel):
    """A member's new role."""

    role: Role


class AuditRead(BaseModel):
    """Something a member did: ``action`` names the endpoint, ``facts`` has the ids in its address."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    user_id: UUID
    user_name: str
    action: str
    facts: dict[str, str]
    at: datetime
