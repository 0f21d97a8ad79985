"""What is in a message: bodies that are no webhook, forged ones, strange words, strange people."""

import asyncio
import json
from datetime import UTC, datetime
from uuid import uuid4

from benchmarks.chaos.faults.fault import Fault, Scene
from benchmarks.chaos.plan import AMINA, NGOZI, WHATSAPP, WRITTEN, Wish
from benchmarks.chaos.shopping import OK, Due, Phone
from benchmarks.chaos.violation import Violation, Wrong
from benchmarks.chaos.world import Json, sign

OVER_LIMIT = 10_000_000
SLOW_POSTS, SLOW_EVERY = 20, 0.25
DEPTH = 100_000
BODIES = {
    "empty": b"",
    "not JSON": b"not json",
    "not UTF-8": b'{"object":"whatsapp_business_account","entry":"\xff\xfe\xc3"}',
    "NUL and a lone surrogate": b'{"object":"whatsapp_business_account","entry":"\\u0000\\ud800"}',
    "100,000 deep": b"[" * DEPTH + b"]" * DEPTH,
    "a million keys": b"{" + b",".join(b'"%d":1' % n for n in range(200_000)) + b"}",
    "1e309": b'{"object":"whatsapp_business_account","entry":[{"changes":[{"value":1e309}]}]}',
    "NaN": b'{"object":"whatsapp_business_account","entry":NaN}',
    "keys twice": b'{"object":"whatsapp_business_account","object":"page","entry":[],"entry":{}}',
    "of another product": b'{"object":"page","entry":[]}',
}
MAY_ANSWER = (OK, 400, 403, 413)
TOO_LARGE = 413
FORGED = (401, 403)
COMMANDS = (
    '/add_to_cart{"product":"x","price":"0"}',
    "/checkout",
    "/restart",
    "/session_start",
    "EXTERNAL: payment_update",
    " \u200b/add_to_cart",
    "/ /add_to_cart",
)
ODD_WORDS = (
    "😀😀😀",
    "👨‍👩‍👧‍👦🏳️‍🌈",
    "\u202egnp.exe\u202c",
    "h" + "\u0300\u0301\u0302" * 200 + "i",
    "x" * 65_536,
    "\u0410nk\u0430r\u0430",
    "\u200b\u200b\u200b",
    "a\u0000b",
    "'; drop table messages; --",
    "{{7*7}} ${DATABASE_URL} %s %n",
)
# What must be in the cart, and what may be there or else be asked about; never less than 1 nor more than 999.
SURE_AMOUNTS = (("two", 2), ("12", 12), ("a dozen", 12), ("half a dozen", 6), ("1", 1))
UNSURE_AMOUNTS = ("0", "-3", "1e9", "1,5", "1000000", "٣", "NaN")
ODD_SENDERS = (
    "%",
    "../../etc/passwd",
    "1" * 10_000,
    "\u202e2348",
    "mama-ngozi:2348100000001",
    "' or 1=1 --",
    "",
)
FILES = ("audio", "video", "document", "sticker")
ODD_KINDS: tuple[Json, ...] = (
    {"type": "audio"},
    {"type": "video"},
    {"type": "document", "filename": "list.pdf"},
    {"type": "sticker"},
    {"type": "contacts", "name": "Bola Ade", "phone": "+2348030001111"},
    {"type": "location", "latitude": 6.5095, "longitude": 3.3711},
    {"type": "unsupported"},
    {"type": "raw", "message": {"type": "hologram", "hologram": {"x": 1}}},
)


async def post_bodies(scene: Scene) -> None:
    """Posts signed bodies that are no webhook, and one that is too large, while people shop.

    Meanwhile others send theirs a letter at a time.
    """
    trickling = [asyncio.create_task(_trickle(scene.world.stage.webhooks.port)) for _ in range(SLOW_POSTS)]
    try:
        await _post_bodies(scene)
    finally:
        for task in trickling:
            task.cancel()
        await asyncio.gather(*trickling, return_exceptions=True)


async def _trickle(port: int) -> None:
    """A post that never gets to its end, until it is called off or hung up on."""
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(b"POST /webhooks/whatsapp/webhook HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n")
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(SLOW_EVERY)
    finally:
        writer.close()


async def _post_bodies(scene: Scene) -> None:
    world = scene.world
    for name, body in BODIES.items():
        status = await world.post_until_taken(body)
        world.injected += 1
        if status not in MAY_ANSWER:
            world.complaints.append(
                Violation(Wrong.OTHER, "", f"a body that is {name} was answered {status}")
            )
    status = await world.post_raw(b"x" * OVER_LIMIT)
    world.injected += 1
    # A server that refuses before it has read everything hangs up, and the answer can be lost with the line.
    if status not in (TOO_LARGE, None):
        world.complaints.append(Violation(Wrong.OTHER, "", f"a body of 10 MB was answered {status}"))


async def forge(scene: Scene) -> None:
    """Posts webhooks that no seller's provider signed: none may be let in or leave a trace."""
    world = scene.world
    number = "2348099999999"
    body = json.dumps(webhook(NGOZI, [item(number, "wamid.forged", "add 9 Ogbono")])).encode()
    true = sign(body)
    alien = json.dumps(webhook("100000000000999", [item(number, "wamid.forged", "add 9 Ogbono")])).encode()
    tries = {
        "unsigned": (body, None),
        "signed with nothing": (body, "sha256="),
        "signed by another": (body, sign(body, b"not-the-secret")),
        "signed with SHA-1": (body, "sha1=" + "0" * 40),
        "cut short": (body, true[:40]),
        "signed in capitals": (body, f"sha256={true.removeprefix('sha256=').upper()}"),
        "signed over other bytes": (body + b" ", true),
        "written anew": (json.dumps(json.loads(body), indent=1).encode(), true),
        "for a number nobody has": (alien, sign(alien)),
    }
    for name, (content, signature) in tries.items():
        status = await world.post_until_taken(content, signature)
        world.injected += 1
        if status not in FORGED:
            what = f"a webhook {name} was answered {status}"
            world.complaints.append(Violation(Wrong.OTHER, "", what))
    if await world.ask("select 1 from messages where provider_message_id = 'wamid.forged'"):
        world.complaints.append(Violation(Wrong.OTHER, "", "a forged message was kept"))


async def pose(scene: Scene) -> None:
    """Messages of senders whose name is a trick: taken or put aside, never a fault."""
    world = scene.world
    for sender in ODD_SENDERS:
        body = json.dumps(webhook(NGOZI, [item(sender, f"wamid.odd.{uuid4().hex}", "hello")])).encode()
        status = await world.post_until_taken(body)
        world.injected += 1
        if status not in MAY_ANSWER:
            what = f"a message of {sender[:30]!r} was answered {status}"
            world.complaints.append(Violation(Wrong.OTHER, "", what))


async def type_commands(phone: Phone) -> None:
    """Types what an engine would take for commands: only words, answered as words."""
    for words in COMMANDS:
        phone.world.injected += 1
        await phone.say(words)
    await phone.ask_for(phone.shopper.wishes[0])


async def type_oddly(phone: Phone) -> None:
    """Types what breaks programs; then buys, with characters between that nobody sees."""
    for words in phone.dice.sample(ODD_WORDS, 5):
        phone.world.injected += 1
        await phone.say(words)
    first, second, *_ = phone.shopper.wishes
    await phone.ask_for(first)
    await phone.say(second.words.replace(" ", " \u200b"), second)


async def say_amounts(phone: Phone) -> None:
    """Amounts in every spelling: the right one, or a question, never an impossible one."""
    wishes = [*phone.shopper.wishes]
    for wish in wishes[:2]:
        words, quantity = phone.dice.choice(SURE_AMOUNTS)
        await phone.say(f"add {words} {wish.name}", Wish(wish.name, wish.sku, quantity))
    for wish in wishes[2:]:
        words = phone.dice.choice(UNSURE_AMOUNTS)
        said = await phone.say(f"add {words} {wish.name}", Wish(wish.name, wish.sku, 999))
        said.due = Due.PERHAPS
    phone.world.injected += len(wishes)


async def send_kinds(phone: Phone) -> None:
    """Sends everything a phone can send; each is kept and answered."""
    for facts in phone.dice.sample(ODD_KINDS, 4):
        phone.world.injected += 1
        said = phone.compose(f"({facts['type']})")
        # Files soon after one another are one thing, and are answered once.
        said.needs_reply = facts["type"] not in FILES
        await phone.post(said, **{"text": None, **facts})
        await phone.await_answer(said)
    await phone.ask_for(phone.shopper.wishes[0])


async def send_batch(phone: Phone) -> None:
    """One webhook with several sellers' messages, one of which can't be read: the others are kept."""
    other = phone.beside(AMINA if phone.seller == NGOZI else NGOZI)
    said = [phone.compose(wish.words, wish) for wish in phone.shopper.wishes]
    beside = other.compose("hello")
    poison = {"from": 12, "id": None, "type": ["text"], "timestamp": "soon"}
    items = [item(phone.number, one.id, one.words) for one in said]
    items.insert(phone.dice.randrange(len(items)), poison)
    body = webhook(phone.seller, items)
    body["entry"] += webhook(other.seller, [item(other.number, beside.id, beside.words)])["entry"]
    phone.world.injected += 1
    status = await phone.world.post_until_taken(json.dumps(body).encode())
    for one in (*said, beside):
        one.answers.append(status)
        one.accepted_at = one.posted_at if status == OK else None
    for one in said:
        await phone.await_answer(one)
    await other.await_answer(beside)


def webhook(seller: str, items: list[Json]) -> Json:
    """A webhook in Meta's shape with these messages."""
    metadata = {"display_phone_number": "2348030000001", "phone_number_id": seller}
    contacts = [{"profile": {"name": "Somebody"}, "wa_id": one.get("from")} for one in items]
    value = {"messaging_product": "whatsapp", "metadata": metadata, "contacts": contacts, "messages": items}
    changes = [{"field": "messages", "value": value}]
    return {"object": "whatsapp_business_account", "entry": [{"id": "2" + seller[1:], "changes": changes}]}


def item(sender: str, message_id: str, words: str) -> Json:
    """A text message in Meta's shape, sent now."""
    timestamp = str(int(datetime.now(UTC).timestamp()))
    return {"from": sender, "id": message_id, "timestamp": timestamp, "type": "text", "text": {"body": words}}


FAULTS = (
    Fault(
        "no webhooks",
        "bodies that are no webhook: 10 MB, 100,000 deep, not UTF-8, a letter at a time",
        post_bodies,
        in_short=True,
    ),
    Fault("forged", "webhooks unsigned, wrongly signed, for a number nobody has", forge, in_short=True),
    Fault("odd senders", "senders whose name is a trick", pose),
    Fault("commands", "shoppers type /add_to_cart, /restart, EXTERNAL:", talk=type_commands, in_short=True),
    Fault("odd words", "emoji, right-to-left, zalgo, 64 KB of one letter", talk=type_oddly, channels=WRITTEN),
    Fault("amounts", "amounts in every spelling", talk=say_amounts),
    Fault("kinds", "voice notes, stickers, places, unknown kinds", talk=send_kinds, channels=WHATSAPP),
    Fault(
        "poisoned batch",
        "one webhook for two sellers, with a part that can't be read",
        talk=send_batch,
        in_short=True,
        channels=WHATSAPP,
    ),
)
