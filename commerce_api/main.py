"""The API, all of it; ``console/app.py`` serves it in one process with the desk."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute

from commerce_api.analytics import endpoints as analytics
from commerce_api.analytics import feed_endpoints as feed
from commerce_api.analytics.feed import Feed
from commerce_api.bargaining import bot_endpoints as bargaining_bot
from commerce_api.bargaining import endpoints as bargaining
from commerce_api.bargaining.merging import BargainBelongings
from commerce_api.carts import bot_endpoints as carts_bot
from commerce_api.carts import endpoints as carts
from commerce_api.carts.merging import CartBelongings
from commerce_api.catalogue import bot_endpoints as catalogue_bot
from commerce_api.catalogue import endpoints as catalogue
from commerce_api.catalogue import media_endpoints as media
from commerce_api.conversations import account_endpoints as accounts
from commerce_api.conversations import bot_endpoints as conversations_bot
from commerce_api.conversations import desk_endpoints as inbox
from commerce_api.conversations import endpoints as conversations
from commerce_api.conversations import media_endpoints as files
from commerce_api.conversations import people_endpoints as people
from commerce_api.conversations import screen_endpoints as screens_bot
from commerce_api.conversations.answering import endpoints as answering
from commerce_api.core import errors, health, logging, settings, startup
from commerce_api.core.database import Database
from commerce_api.core.http import open_client
from commerce_api.core.limits import Limits
from commerce_api.core.secrets import vault
from commerce_api.core.settings import Settings
from commerce_api.core.tokens import Tokens
from commerce_api.orders import bot_endpoints as orders_bot
from commerce_api.orders import endpoints as orders
from commerce_api.orders.merging import OrderBelongings
from commerce_api.payments import bot_endpoints as payments_bot
from commerce_api.payments import callback_endpoints as callbacks
from commerce_api.payments import endpoints as payments
from commerce_api.tenants import endpoints as tenants
from commerce_api.tenants import link_endpoints as links
from commerce_api.tenants import second_step_endpoints as second_step

API = "/api/v1"
TENANT = f"{API}/tenants/{{tenant_id}}"
BOT = f"{API}/bot"
SHOP = f"{BOT}/conversations/{{conversation_id}}"

# Every module's router, where it is mounted, and the name its endpoints stand under in /docs. Routes are
# tried in this order, so what the bot side calls for each message comes first.
ROUTERS: tuple[tuple[APIRouter, str, str], ...] = (
    (conversations_bot.router, BOT, "bot side: conversations"),
    (screens_bot.router, BOT, "bot side: screens"),
    (catalogue_bot.router, SHOP, "bot side: catalogue"),
    (bargaining_bot.router, SHOP, "bot side: bargaining"),
    (carts_bot.router, SHOP, "bot side: carts"),
    (orders_bot.router, SHOP, "bot side: orders"),
    (payments_bot.router, SHOP, "bot side: payments"),
    (health.router, "", "health"),
    (media.router, "", "media"),
    (answering.public, "", "media"),
    (tenants.router, API, "tenants"),
    (links.router, API, "invitations and resets"),
    (second_step.router, API, "second step"),
    (conversations.router, TENANT, "conversations"),
    (inbox.router, TENANT, "inbox"),
    (answering.router, TENANT, "conversations"),
    (files.router, TENANT, "shoppers' files"),
    (people.router, TENANT, "people"),
    (accounts.router, TENANT, "channel accounts"),
    (catalogue.router, TENANT, "catalogue"),
    (bargaining.router, TENANT, "bargaining"),
    (carts.router, TENANT, "carts"),
    (orders.router, TENANT, "orders"),
    (payments.router, TENANT, "payments"),
    (analytics.router, TENANT, "analytics"),
    (feed.router, TENANT, "analytics"),
    (callbacks.router, API, "payment callbacks"),
)


def create_app(given: Settings | None = None) -> FastAPI:
    """The application; with no settings given, those of the environment, and its logs set up.

    Ends the process with a sentence when those can't be used. Starting it raises StartRefused
    (``core/startup.py``).
    """
    chosen = given or _settings_of_process()
    app = FastAPI(
        title="Conversational Commerce",
        version="1",
        lifespan=_lifespan,
        generate_unique_id_function=_operation_id,
    )
    app.state.settings = chosen
    app.state.tokens = Tokens(chosen)
    app.state.vault = vault(chosen)
    app.state.belongings = (CartBelongings(), BargainBelongings(), OrderBelongings())
    errors.install(app)
    for router, prefix, tag in ROUTERS:
        app.include_router(router, prefix=prefix, tags=[tag])
    app.add_middleware(Limits)
    app.add_middleware(logging.RequestLog)
    return app


def _settings_of_process() -> Settings:
    try:
        chosen = settings.load()
    except settings.SettingsError as error:
        raise SystemExit(str(error)) from None
    logging.configure(chosen)
    return chosen


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    chosen: Settings = app.state.settings
    database = Database(chosen.database_url.get_secret_value(), pool_size=chosen.database_pool_size)
    try:
        await startup.check(database)
        async with open_client() as http:
            app.state.database, app.state.http = database, http
            app.state.feed = Feed(chosen.database_url.get_secret_value(), database)
            hearing = asyncio.create_task(app.state.feed.run())
            try:
                yield
            finally:
                hearing.cancel()
                await asyncio.gather(hearing, return_exceptions=True)
    finally:
        await database.close()


def _operation_id(route: APIRoute) -> str:
    # `add_line` is both a seller's and the bot side's; the tag tells them apart.
    return re.sub(r"\W+", "_", f"{route.tags[0]}_{route.name}")
