"""The stand-in shop: the bot side's part of the commerce API, in memory, behind a real HTTP client."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

Json = dict[str, Any]


def money(amount: int) -> Json:
    """Naira in the API's form; ``amount`` in kobo."""
    return {"amount": amount, "currency": "NGN"}


@dataclass
class Thing:
    """A variant with its product."""

    product: str
    variant: str | None
    price: int
    stock: int
    unit: str
    category: str

    @property
    def variant_id(self) -> str:
        """Readable in a failing test."""
        return f"{self.product_id}/{self.variant or 'only'}".lower()

    @property
    def product_id(self) -> str:
        """Readable in a failing test."""
        return self.product.lower().replace(" ", "-")


THINGS = (
    Thing("Ankara fabric", "Blue", 250000, 20, "yard", "Ankara"),
    Thing("Ankara fabric", "Red", 250000, 4, "yard", "Ankara"),
    Thing("Plain Ankara", None, 180000, 9, "yard", "Ankara"),
    Thing("Palm oil 1 L", None, 190000, 30, "1 L bottle", "Oils"),
    Thing("Palm oil 5 L", None, 890000, 2, "5 L keg", "Oils"),
    Thing("Sewing thread", None, 35000, 50, "reel", "Sewing"),
    Thing("Dried fish", None, 300000, 0, "pack", "Fish"),
)
ZONES = (
    ("lekki", "Lekki & Ajah", 350000, "next day"),
    ("ikeja", "Ikeja & Mainland North", 200000, "same day"),
)


class Refused(Exception):
    """An answer of 4xx."""

    def __init__(self, status: int, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.status, self.body = status, {"code": code, "detail": code, **facts}


@dataclass
class StandInShop:
    """Answers the client's calls; what it was asked for is in ``calls``, what it refuses in ``refusals``."""

    name: str | None = "Bola Ade"
    is_open: bool = True
    language: str | None = None
    languages: tuple[str, ...] = ("en",)
    local_time: str = "2026-11-23T10:00:00+01:00"
    returns_policy: str | None = None
    is_down: bool = False
    methods: tuple[str, ...] = ("pay_link", "cash_on_delivery")
    zones: tuple[tuple[str, str, int, str], ...] = ZONES
    upsells: list[str] = field(default_factory=lambda: ["Sewing thread"])
    cart: dict[str, int] = field(default_factory=dict)
    orders: list[Json] = field(default_factory=list)
    calls: list[tuple[str, Json]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    refusals: dict[str, Refused] = field(default_factory=dict)

    @property
    def transport(self) -> httpx.MockTransport:
        """What the client sends through."""
        return httpx.MockTransport(self._answer)

    def asked(self, path: str) -> list[Json]:
        """The bodies that were posted to a path."""
        return [body for called, body in self.calls if re.fullmatch(path, called)]

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if self.is_down:
            return httpx.Response(503)
        path = request.url.path.partition("/conversations/")[2].partition("/")[2]
        body = json.loads(request.content) if request.content else {}
        if request.method == "POST":
            self.calls.append((path, body))
            self.keys.append(request.headers["Idempotency-Key"])
        try:
            return httpx.Response(200, json=self._route(request, path, body))
        except Refused as refusal:
            return httpx.Response(refusal.status, json=refusal.body)

    def _route(self, request: httpx.Request, path: str, body: Json) -> Json:
        if path in self.refusals:
            raise self.refusals[path]
        handlers: dict[str, Callable[..., Json]] = {
            r"": self._conversation,
            r"remember|handoff|not-understood": dict,
            r"categories": lambda: {"items": self._categories()},
            r"products": lambda: self._products(dict(request.url.params)),
            r"products/(.+)/bargaining": lambda _: {"is_on": False},
            r"products/(.+)": self._product,
            r"bargains": lambda: _fixed(body["variant_id"]),
            r"cart": self._cart,
            r"cart/lines": lambda: self._add(body),
            r"cart/lines/(.+)/quantity": lambda line: self._set(line, body["quantity"]),
            r"cart/clear": self._clear,
            r"upsell-offers": self._offer,
            r"upsell-offers/(.+)/answer": lambda name: self._answer_offer(name, body["accepted"]),
            r"delivery-zones": lambda: {"items": [_zone(*zone) for zone in self.zones]},
            r"payment-methods": lambda: {"items": list(self.methods)},
            r"quote": lambda: self._quote(body["delivery"]),
            r"orders": lambda: self._place(body) if request.method == "POST" else {"items": self.orders},
            r"orders/(.+)/cancel": self._cancel,
            r"orders/(.+)/payment-link": self._link,
        }
        for pattern, handler in handlers.items():
            found = re.fullmatch(pattern, path)
            if found:
                return handler(*found.groups())
        raise Refused(404, "not_found")

    def _conversation(self) -> Json:
        return {
            "id": "c1",
            "channel": "whatsapp",
            "handled_by": "bot",
            "shop_name": "Mama Ngozi",
            "currency": "NGN",
            "languages": list(self.languages),
            "language": self.language,
            "local_time": self.local_time,
            "returns_policy": self.returns_policy,
            "opening": {"mon": [["08:00", "19:00"]], "sat": [["09:00", "18:00"]]},
            "contact_name": self.name,
            "shop_address": "Shop 14, Tejuosho Market",
            "hours": "Monday to Friday 8am-7pm",
            "is_open": self.is_open,
        }

    def _categories(self) -> list[Json]:
        names = sorted({thing.category for thing in THINGS})
        return [{"id": name.lower(), "name": name, "product_count": 1, "parent_id": None} for name in names]

    def _products(self, params: Json) -> Json:
        words = [word.removesuffix("s") for word in str(params.get("q", "")).lower().split()]
        category = params.get("category_id")
        found = []
        for product_id in dict.fromkeys(thing.product_id for thing in THINGS):
            product = self._product(product_id)
            text = (
                f"{product['name']} {product['category']} {[v['name'] for v in product['variants']]}".lower()
            )
            if all(word in text for word in words) and category in {None, product["category"].lower()}:
                found.append(product)
        skip, limit = int(params.get("skip", 0)), int(params.get("limit", 10))
        return {"items": found[skip : skip + limit], "total": len(found), "corrected": None}

    def _product(self, product_id: str) -> Json:
        things = [thing for thing in THINGS if thing.product_id == product_id]
        if not things:
            raise Refused(404, "not_found")
        first = things[0]
        return {
            "id": product_id,
            "sku": product_id.upper(),
            "name": first.product,
            "category": first.category,
            "unit": first.unit,
            "description": "Very fine.",
            "photo_url": f"http://shop.test/{product_id}.png",
            "variants": [_variant(thing) for thing in things],
        }

    def _cart(self) -> Json:
        lines = [
            _line(thing, self.cart[thing.variant_id]) for thing in THINGS if thing.variant_id in self.cart
        ]
        return {
            "lines": lines,
            "total": money(sum(line["total"]["amount"] for line in lines)),
            "currency": "NGN",
        }

    def _add(self, body: Json) -> Json:
        return self._set(body["variant_id"], self.cart.get(body["variant_id"], 0) + body["quantity"])

    def _set(self, line: str, quantity: int) -> Json:
        thing = next(thing for thing in THINGS if thing.variant_id == line)
        if quantity > thing.stock:
            raise Refused(409, "out_of_stock", available=thing.stock)
        self.cart[line] = quantity
        self.cart = {name: count for name, count in self.cart.items() if count}
        return self._cart()

    def _clear(self) -> Json:
        self.cart = {}
        return self._cart()

    def _offer(self) -> Json:
        name = self.upsells.pop(0) if self.upsells else None
        if name is None:
            return {"offer": None}
        product = self._product(name.lower().replace(" ", "-"))
        return {
            "offer": {
                "id": "o1",
                "product": product,
                "variant": product["variants"][0],
                "beside": "Ankara fabric",
            }
        }

    def _answer_offer(self, _: str, accepted: bool) -> Json:
        return self._add({"variant_id": "sewing-thread/only", "quantity": 1}) if accepted else self._cart()

    def _quote(self, delivery: Json) -> Json:
        if not self.cart:
            raise Refused(409, "cart_empty")
        fees = {zone[0]: zone[2] for zone in self.zones}
        fee = fees[delivery["zone_id"]] if delivery["method"] == "delivery" else 0
        subtotal = self._cart()["total"]["amount"]
        return {"subtotal": money(subtotal), "delivery_fee": money(fee), "total": money(subtotal + fee)}

    def _place(self, body: Json) -> Json:
        order = {
            **self._quote(body["delivery"]),
            "number": "MN-7K4Q2",
            "state": "placed",
            "payment_method": body["payment_method"],
            "is_paid": False,
            "lines": self._cart()["lines"],
            "delivery_method": body["delivery"]["method"],
            "placed_at": "2026-11-22T10:00:00Z",
            "eta": "same day",
            "address": body["delivery"].get("address"),
            "zone": {zone[0]: zone[1] for zone in self.zones}.get(body["delivery"].get("zone_id") or ""),
        }
        self.cart, self.orders = {}, [order, *self.orders]
        return order

    def _cancel(self, number: str) -> Json:
        order = next(order for order in self.orders if order["number"] == number)
        if order["state"] not in {"placed", "confirmed", "paid"}:
            raise Refused(409, "order_move_illegal")
        return {**order, "state": "cancelled"}

    def _link(self, number: str) -> Json:
        order = next(order for order in self.orders if order["number"] == number)
        return {"url": f"http://pay.test/{number}", "reference": "r1", "amount": order["total"]}


def _fixed(variant_id: str) -> Json:
    price = next(money(thing.price) for thing in THINGS if thing.variant_id == variant_id)
    return {"said": "fixed", "price": price, "regular_price": price, "quantity": 1, "bargain_id": None}


def _zone(zone_id: str, name: str, fee: int, eta: str) -> Json:
    return {"id": zone_id, "name": name, "fee": money(fee), "eta": eta}


def _variant(thing: Thing) -> Json:
    attributes = {"colour": thing.variant} if thing.variant else {}
    facts = {"sku": thing.variant_id.upper(), "name": thing.variant, "attributes": attributes}
    return {"id": thing.variant_id, "price": money(thing.price), "stock": thing.stock, **facts}


def _line(thing: Thing, quantity: int) -> Json:
    return {
        "id": thing.variant_id,
        "product": {"id": thing.product_id, "name": thing.product, "sku": thing.product_id.upper()},
        "variant_id": thing.variant_id,
        "variant": thing.variant,
        "quantity": quantity,
        "unit_price": money(thing.price),
        "total": money(thing.price * quantity),
    }
