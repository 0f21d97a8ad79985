"""The shop's numbers and pages: connected, mended, switched. What is secret is written here, never read."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request, Response
from starlette.datastructures import FormData

from channels.registry import PROVIDERS
from commerce_api.conversations import accounts, describing, switching
from commerce_api.conversations.account_endpoints import OfferedDep
from commerce_api.conversations.answering import trying
from commerce_api.conversations.errors import AddressMissing, AddressUnavailable, CredentialsMissing
from commerce_api.core.clock import NowDep
from commerce_api.core.database import SessionDep
from commerce_api.core.listing import ListParams
from commerce_api.core.secrets import VaultDep
from commerce_api.tenants.permissions import Permission
from console import pages
from console.access import Desk, require

NAMES = {
    "whatsapp": "WhatsApp, by Meta",
    "whatsapp_twilio": "WhatsApp, by Twilio",
    "instagram": "Instagram",
    "sms_twilio": "SMS, by Twilio",
    "sms_africastalking": "SMS, by Africa's Talking",
    "ussd_africastalking": "USSD, by Africa's Talking",
}
LONGEST = 200
LONGEST_SECRET = 4096

router = APIRouter()

ChannelsDesk = Annotated[Desk, require(Permission.MANAGE_CHANNELS)]
WordField = Annotated[str, Form(max_length=LONGEST)]


@router.get("/settings/channels")
async def show_channels(request: Request, desk: ChannelsDesk, session: SessionDep) -> Response:
    """The accounts, each with what is to be put right."""
    found = await describing.accounts_page(session, ListParams(limit=200))
    return pages.show(request, "settings_channels.html", desk, accounts=found.items, names=NAMES)


@router.get("/settings/channels/new")
async def show_new_channel(
    request: Request,
    desk: ChannelsDesk,
    offered: OfferedDep,
    channel: Annotated[str, Query(max_length=LONGEST)] = "whatsapp",
) -> Response:
    """The page that connects one more."""
    known = channel if channel in PROVIDERS else "whatsapp"
    return _new(request, desk, known, has_offer=known in offered)


@router.post("/settings/channels/new")
async def connect_channel_account(
    *,
    request: Request,
    desk: ChannelsDesk,
    session: SessionDep,
    vault: VaultDep,
    offered: OfferedDep,
    now: NowDep,
    channel: WordField,
    name: WordField,
    address: WordField = "",
    display_number: WordField = "",
) -> Response:
    """Connects it; what is missing is said on the form."""
    secrets = _secrets(await request.form(), channel)
    try:
        made = await accounts.connect(
            session,
            vault,
            channel=channel,
            address=address.strip() or None,
            name=name.strip(),
            display_number=display_number.strip() or None,
            credentials=secrets,
            offered=offered,
            now=now,
        )
    except (CredentialsMissing, AddressMissing, AddressUnavailable) as error:
        return _new(request, desk, channel, has_offer=channel in offered, fault=error.detail)
    return pages.go(request, desk.path(f"settings/channels/{made.id}"), notice="saved")


@router.get("/settings/channels/{account_id}")
async def show_channel(
    request: Request, desk: ChannelsDesk, session: SessionDep, account_id: UUID
) -> Response:
    """One account: its notices, its facts, its road."""
    found = await accounts.find(session, account_id)
    every = await describing.accounts_page(session, ListParams(limit=200))
    return pages.show(
        request,
        "settings_channel.html",
        desk,
        account=await describing.account(session, found),
        notices=await describing.notices_of(session, found),
        roads=[one for one in every.items if _may_carry(found.channel, one.channel)],
        secrets=secrets_of(found.channel),
        has_own=found.credentials is not None,
        may_test=found.channel in trying.BY_NUMBER,
        names=NAMES,
    )


@router.post("/settings/channels/{account_id}")
async def change_channel_account(
    *,
    request: Request,
    desk: ChannelsDesk,
    session: SessionDep,
    vault: VaultDep,
    now: NowDep,
    account_id: UUID,
    name: WordField,
    display_number: WordField = "",
    active: Annotated[bool, Form()] = False,
) -> Response:
    """Other facts; secrets are replaced as a whole when any is written, and stay when none is."""
    account = await accounts.find(session, account_id)
    secrets = _secrets(await request.form(), account.channel)
    await switching.change(
        session,
        vault,
        account_id,
        name=name.strip() or None,
        display_number=display_number.strip(),
        is_active=active,
        credentials=secrets or None,
        now=now,
    )
    return pages.go(request, desk.path(f"settings/channels/{account_id}"), notice="saved")


@router.post("/settings/channels/{account_id}/switch")
async def switch_channel_account(
    *,
    request: Request,
    desk: ChannelsDesk,
    session: SessionDep,
    now: NowDep,
    account_id: UUID,
    road_id: Annotated[UUID, Form()],
) -> Response:
    """Has its messages leave by another account, or by itself again."""
    await switching.switch(session, account_id, road_id, now)
    return pages.go(request, desk.path(f"settings/channels/{account_id}"), notice="saved")


@router.post("/settings/channels/{account_id}/test")
async def send_test_message(
    *,
    request: Request,
    desk: ChannelsDesk,
    session: SessionDep,
    now: NowDep,
    account_id: UUID,
    number: WordField,
) -> Response:
    """Sends one to the member's own phone; how far it gets is seen in its conversation."""
    me, shop = desk.user.id, desk.tenant.name
    sent = await trying.send(session, account_id, number, shop=shop, seller_id=me, now=now)
    return pages.go(request, desk.path(f"inbox/{sent.conversation_id}"), notice="sent")


def secrets_of(channel: str) -> tuple[str, ...]:
    """The credentials that an account of the channel may bring, by name."""
    setup = PROVIDERS[channel].setup
    own = tuple(setup.platform_credentials) or accounts.OWN
    return tuple(dict.fromkeys((*own, setup.secret_credential)))


def _secrets(form: FormData, channel: str) -> dict[str, str]:
    """Those that were written."""
    names = secrets_of(channel) if channel in PROVIDERS else ()
    written = {name: str(form.get(f"secret_{name}", "")).strip()[:LONGEST_SECRET] for name in names}
    return {name: value for name, value in written.items() if value}


def _may_carry(channel: str, other: str) -> bool:
    return other == channel or any({channel, other} <= group for group in switching.SAME_ADDRESSES)


def _new(
    request: Request, desk: Desk, channel: str, *, has_offer: bool, fault: str | None = None
) -> Response:
    return pages.show(
        request,
        "settings_channel_new.html",
        desk,
        status=422 if fault else 200,
        channel=channel,
        names=NAMES,
        secrets=secrets_of(channel),
        has_offer=has_offer,
        fault=fault,
    )
