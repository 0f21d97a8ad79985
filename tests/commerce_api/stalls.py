"""A stall: a small tenant with one of everything, for tests that go through the whole API."""

from dataclasses import dataclass, field
from uuid import uuid4

from commerce_api.carts.models import Cart, CartLine, UpsellOffer
from commerce_api.catalogue.models import Category, Photo, Product, UpsellPair, Variant
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
from commerce_api.tenants.models import Membership, PaymentMethod, Role, Tenant, User
from tests.conftest import NOON, Member

PRICE = 1500


@dataclass
class Stall:
    """``ids`` has one value for every path parameter of the API, by the parameter's name."""

    owner: Member
    ids: dict[str, str] = field(default_factory=dict)


async def furnish(database: Database, vault: Vault) -> Stall:
    """A new tenant with an owner and one of everything, committed."""
    async with database.transaction() as session:

        async def add[T: Base](row: T) -> T:
            session.add(row)
            await session.flush()
            return row

        tenant = await add(
            Tenant(
                slug=f"stall-{uuid4().hex[:12]}",
                name="Stall",
                currency="NGN",
                country="NG",
                languages=["en"],
                timezone="Africa/Lagos",
                payment_methods=list(PaymentMethod),
            )
        )
        user = await add(User(email=f"{uuid4().hex}@test.example", name="Ada"))
        stall = Stall(Member(user, tenant, Role.OWNER), {"tenant_id": str(tenant.id)})
        await enter(session, tenant.id)
        await add(Membership(user_id=user.id, role=Role.OWNER))
        viewer = await add(User(email=f"{uuid4().hex}@test.example", name="Vic"))
        member = await add(Membership(user_id=viewer.id, role=Role.VIEWER))
        account = await add(
            ChannelAccount(
                channel="whatsapp",
                address=uuid4().hex[:15],
                name="Line",
                credentials=vault.seal(tenant.id, {"access_token": "token"}),
                created_at=NOON,
            )
        )
        contact = await add(Contact(name="Bisi", phone="+2348031234567", created_at=NOON))
        talk = await add(
            Conversation(
                contact_id=contact.id,
                channel_account_id=account.id,
                channel="whatsapp",
                reply_window_until=NOON.replace(year=2100),
                next_position=2,
                created_at=NOON,
            )
        )
        await add(
            ContactAddress(
                contact_id=contact.id, channel_account_id=account.id, address="2348031234567", created_at=NOON
            )
        )
        message = await add(
            Message(
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
        )
        turn = await add(Turn(conversation_id=talk.id, message_id=message.id, position=1, created_at=NOON))
        category = await add(Category(name="Food", slug="food"))
        product, offered, other = [
            await add(Product(sku=f"P-{place}", name=name, category_id=category.id, in_stock=True))
            for place, name in enumerate(("Palm oil", "Rice", "Beans"))
        ]
        variant, other_variant = [
            await add(Variant(product_id=of.id, sku=f"V-{of.sku}", regular_price=PRICE, stock=10))
            for of in (product, offered)
        ]
        photo = await add(Photo(product_id=product.id, key=uuid4().hex, content=b"x", width=1, height=1))
        await add(UpsellPair(product_id=product.id, offered_id=offered.id))
        zone = await add(DeliveryZone(name="Yaba", fee=500))
        cart = await add(Cart(contact_id=contact.id))
        line = await add(CartLine(cart_id=cart.id, variant_id=variant.id, quantity=1, position=0))
        offer = await add(UpsellOffer(cart_id=cart.id, variant_id=other_variant.id, beside_id=product.id))
        order = await add(
            Order(
                number=f"SH-{uuid4().hex[:5].upper()}",
                contact_id=contact.id,
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
        )
        await add(
            OrderLine(
                order_id=order.id,
                position=0,
                product_id=product.id,
                variant_id=variant.id,
                product_name="Palm oil",
                product_sku="P-0",
                variant_sku="V-P-0",
                unit_price=PRICE,
                quantity=1,
                total=PRICE,
            )
        )
        payment = await add(
            Payment(
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
        )
        rows = {
            "member_id": member,
            "account_id": account,
            "contact_id": contact,
            "conversation_id": talk,
            "turn_id": turn,
            "category_id": category,
            "product_id": product,
            "offered_id": offered,
            "other_product_id": other,
            "variant_id": variant,
            "photo_id": photo,
            "zone_id": zone,
            "line_id": line,
            "offer_id": offer,
        }
        stall.ids |= {name: str(row.id) for name, row in rows.items()}  # type: ignore[attr-defined]
        stall.ids |= {
            "channel": account.channel,
            "number": order.number,
            "reference": payment.reference,
            "key": photo.key,
        }
        stall.ids |= {"message_id": str(message.id), "user_id": str(viewer.id)}
    return stall
