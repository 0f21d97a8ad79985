"""A stall: a small tenant with one of everything, for tests that go through the whole API."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from commerce_api.bargaining.models import (
    Answered,
    Asked,
    Bargain,
    BargainRound,
    BargainTerms,
)
from commerce_api.carts.models import Cart, CartDiscount, CartLine, UpsellOffer
from commerce_api.catalogue.models import Category, Photo, Product, UpsellPair, Variant
from commerce_api.conversations.answering.models import ReplyPhoto
from commerce_api.conversations.contact_models import ContactMerge, MergeReason
from commerce_api.conversations.desk_models import CannedReply, ConversationNote, ScheduledMessage
from commerce_api.conversations.media_models import MediaState, MessageMedia
from commerce_api.conversations.models import (
    Author,
    ChannelAccount,
    Contact,
    ContactAddress,
    Conversation,
    Direction,
    Message,
    Turn,
)
from commerce_api.core.database import Base, Database
from commerce_api.core.secrets import Vault
from commerce_api.core.tenancy import enter
from commerce_api.orders.models import DeliveryZone, Order, OrderLine
from commerce_api.orders.states import DeliveryMethod, OrderState
from commerce_api.payments.models import Payment, PaymentState
from commerce_api.tenants.account_models import Invitation
from commerce_api.tenants.models import Membership, PaymentMethod, Role, Tenant, User
from commerce_api.tenants.session_models import AuditEntry
from tests.conftest import NOON, Member

PRICE = 1500
# The API that the tests call reads the real time: a bargain of then would be over.
LATER = NOON.replace(year=2100)


@dataclass
class Stall:
    """``ids`` has one value for every path parameter of the API, by the parameter's name."""

    owner: Member
    ids: dict[str, str] = field(default_factory=dict)


class Furnisher:
    """Adds rows to one session and notes their ids under the names of path parameters."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self.ids: dict[str, str] = {}

    async def add[T: Base](self, row: T, name: str | None = None) -> T:
        """The row, flushed."""
        self._session.add(row)
        await self._session.flush()
        if name:
            self.ids[name] = str(row.id)  # type: ignore[attr-defined]
        return row


async def furnish(database: Database, vault: Vault) -> Stall:
    """A new tenant with an owner and one of everything, committed."""
    async with database.transaction() as session:
        with_id = Furnisher(session)
        owner = await _open(session, with_id)
        talk = await _messaging(
            with_id, vault.seal(owner.tenant.id, {"access_token": "token"}), owner.user.id
        )
        variants = await _catalogue(with_id)
        await _cart(with_id, talk, variants, owner.user.id)
        await _bargain(with_id, talk, variants[0])
        await _order(with_id, talk, variants[0])
    return Stall(owner, with_id.ids)


async def _open(session: AsyncSession, with_id: Furnisher) -> Member:
    tenant = Tenant(
        slug=f"stall-{uuid4().hex[:12]}",
        name="Stall",
        currency="NGN",
        country="NG",
        languages=["en"],
        timezone="Africa/Lagos",
        payment_methods=list(PaymentMethod),
        discount_limit_percent=10,
    )
    await with_id.add(tenant, "tenant_id")
    owner = await with_id.add(User(email=f"{uuid4().hex}@test.example", name="Ada"))
    viewer = await with_id.add(User(email=f"{uuid4().hex}@test.example", name="Vic"), "user_id")
    await enter(session, tenant.id)
    await with_id.add(Membership(user_id=owner.id, role=Role.OWNER))
    await with_id.add(Membership(user_id=viewer.id, role=Role.VIEWER), "member_id")
    await with_id.add(AuditEntry(user_id=owner.id, action="add_member", facts={}, at=NOON))
    asked = {"email": f"{uuid4().hex}@test.example", "role": Role.AGENT, "token_hash": uuid4().bytes}
    invitation = Invitation(**asked, invited_by_id=owner.id, created_at=NOON, expires_at=LATER)
    await with_id.add(invitation, "invitation_id")
    return Member(owner, tenant, Role.OWNER)


async def _messaging(with_id: Furnisher, credentials: str, member_id: UUID) -> Conversation:
    account = ChannelAccount(
        channel="whatsapp", address=uuid4().hex[:15], name="Line", credentials=credentials, created_at=NOON
    )
    await with_id.add(account, "account_id")
    road = ChannelAccount(
        channel="whatsapp_twilio", address=uuid4().hex[:15], name="Platform's line", created_at=NOON
    )
    await with_id.add(road, "road_id")
    contact = Contact(name="Bisi", phone="+2348031234567", created_at=NOON)
    await with_id.add(contact, "contact_id")
    place = {"contact_id": contact.id, "channel_account_id": account.id, "created_at": NOON}
    window = NOON.replace(year=2100)
    talk = Conversation(**place, channel="whatsapp", reply_window_until=window, next_position=2)
    await with_id.add(talk, "conversation_id")
    await with_id.add(ContactAddress(**place, conversation_id=talk.id, address="2348031234567"))
    beside = {"conversation_id": talk.id, "user_id": member_id, "text": "call her", "created_at": NOON}
    await with_id.add(ConversationNote(**beside))
    await with_id.add(ScheduledMessage(**beside, due_at=NOON), "scheduled_id")
    canned = CannedReply(name="hours", text="We open at 8", created_at=NOON)
    await with_id.add(canned, "canned_id")
    photo = ReplyPhoto(
        conversation_id=talk.id,
        user_id=member_id,
        key=uuid4().hex,
        content=b"x",
        width=1,
        height=1,
        created_at=NOON,
    )
    with_id.ids["photo_key"] = (await with_id.add(photo)).key
    message = Message(
        conversation_id=talk.id,
        channel_account_id=account.id,
        position=1,
        direction=Direction.INBOUND,
        kind="text",
        author=Author.SHOPPER,
        text="hello",
        body={"text": "hello"},
        created_at=NOON,
    )
    await with_id.add(message, "message_id")
    file = {"state": MediaState.STORED, "content_type": "application/pdf", "content": b"%PDF", "size": 4}
    await with_id.add(
        MessageMedia(message_id=message.id, place=0, source={}, created_at=NOON, **file), "media_id"
    )
    turn = Turn(
        conversation_id=talk.id, message_id=message.id, position=1, said_at=NOON, due_at=NOON, created_at=NOON
    )
    await with_id.add(turn, "turn_id")
    with_id.ids["in_hand"] = with_id.ids["turn_id"]
    # Not a thing of anyone's: callers name their calls as they like.
    with_id.ids["call"] = str(uuid4())
    await _merge(with_id, contact)
    with_id.ids["channel"] = account.channel
    return talk


async def _merge(with_id: Furnisher, kept: Contact) -> None:
    """Someone who turned out to be the contact, and had nothing."""
    merged = await with_id.add(Contact(merged_into_id=kept.id, created_at=NOON))
    nothing: dict[str, Any] = {"addresses": [], "phones": [], "conversations": []}
    moved = {**nothing, "repointed": {}, "filled": {}, "belongings": {}}
    merge = ContactMerge(
        kept_id=kept.id, merged_id=merged.id, reason=MergeReason.LINK_CODE, moved=moved, created_at=NOON
    )
    await with_id.add(merge, "merge_id")


async def _catalogue(with_id: Furnisher) -> tuple[Variant, Variant]:
    category = await with_id.add(Category(name="Food", slug="food"), "category_id")
    product, offered, _ = [
        await with_id.add(Product(sku=sku, name=name, category_id=category.id, in_stock=True), id_name)
        for sku, name, id_name in (
            ("P-0", "Palm oil", "product_id"),
            ("P-1", "Rice", "offered_id"),
            ("P-2", "Beans", "other_product_id"),
        )
    ]
    photo = Photo(product_id=product.id, key=uuid4().hex, content=b"x", width=1, height=1)
    await with_id.add(photo, "photo_id")
    with_id.ids["key"] = photo.key
    await with_id.add(UpsellPair(product_id=product.id, offered_id=offered.id))
    variant = Variant(product_id=product.id, sku="V-0", regular_price=PRICE, stock=10)
    other = Variant(product_id=offered.id, sku="V-1", regular_price=PRICE, stock=10)
    return await with_id.add(variant, "variant_id"), await with_id.add(other)


async def _cart(
    with_id: Furnisher, talk: Conversation, variants: tuple[Variant, Variant], member_id: UUID
) -> None:
    variant, other = variants
    cart = await with_id.add(Cart(contact_id=talk.contact_id))
    line = CartLine(cart_id=cart.id, variant_id=variant.id, quantity=1, position=0)
    await with_id.add(line, "line_id")
    off = {"cart_id": cart.id, "percent": 5, "unit": 100, "user_id": member_id, "given_at": NOON}
    await with_id.add(CartDiscount(**off, until=LATER))
    offer = UpsellOffer(cart_id=cart.id, variant_id=other.id, beside_id=variant.product_id)
    await with_id.add(offer, "offer_id")


async def _bargain(with_id: Furnisher, talk: Conversation, variant: Variant) -> None:
    way = {"steps": 3, "patience": 4, "limit_per_contact": 3, "held_minutes": 20, "pair_quantity": 2}
    await with_id.add(BargainTerms(product_id=variant.product_id, floor_percent=80, **way), "terms_id")
    who = {"contact_id": talk.contact_id, "conversation_id": talk.id, "product_id": variant.product_id}
    when = {"created_at": LATER, "updated_at": LATER}
    bargain = Bargain(
        **who, **when, variant_id=variant.id, regular_price=PRICE, asked_price=PRICE - 100, rounds=1
    )
    await with_id.add(bargain, "bargain_id")
    said = {"asked": Asked.LESS, "answered": Answered.COUNTER, "price": PRICE - 100, "at": LATER}
    await with_id.add(BargainRound(bargain_id=bargain.id, ordinal=1, **said))


async def _order(with_id: Furnisher, talk: Conversation, variant: Variant) -> None:
    await with_id.add(DeliveryZone(name="Yaba", fee=500), "zone_id")
    order = Order(
        number=f"SH-{uuid4().hex[:5].upper()}",
        contact_id=talk.contact_id,
        conversation_id=talk.id,
        state=OrderState.PLACED,
        customer_name="Bisi",
        delivery_method=DeliveryMethod.PICKUP,
        payment_method="pay_link",
        subtotal=PRICE,
        delivery_fee=0,
        total=PRICE,
        currency="NGN",
        placed_at=NOON,
        updated_at=NOON,
    )
    await with_id.add(order)
    line = OrderLine(
        order_id=order.id,
        position=0,
        product_id=variant.product_id,
        variant_id=variant.id,
        product_name="Palm oil",
        product_sku="P-0",
        variant_sku=variant.sku,
        unit_price=PRICE,
        quantity=1,
        total=PRICE,
    )
    await with_id.add(line)
    payment = await with_id.add(_money_to_give_back(order))
    with_id.ids |= {"number": order.number, "reference": payment.reference}


def _money_to_give_back(order: Order) -> Payment:
    return Payment(
        order_id=order.id,
        provider="gateway",
        reference=uuid4().hex,
        amount=PRICE,
        currency="NGN",
        state=PaymentState.MISMATCH,
        is_refund_due=True,
        created_at=NOON,
        polled_at=NOON,
    )
