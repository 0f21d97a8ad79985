"""The API process: ``uvicorn --factory commerce_api.main:create_app``."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute

from commerce_api.core import errors, settings
from commerce_api.core.database import Database
from commerce_api.core.secrets import vault
from commerce_api.core.settings import Settings
from commerce_api.core.tokens import Tokens

TENANT = "/api/v1/tenants/{tenant_id}"
BOT = "/api/v1/bot"
SHOP = f"{BOT}/conversations/{{conversation_id}}"

# Every module's router, where it is mounted, and the name its endpoints stand under in /docs.
ROUTERS: tuple[tuple[APIRouter, str, str], ...] = ()


def create_app(given: Settings | None = None) -> FastAPI:
    """The application; with no settings given, those of the environment. Raises SettingsError."""
    chosen = given or settings.load()
    app = FastAPI(
        title="Conversational Commerce", lifespan=_lifespan, generate_unique_id_function=_operation_id
    )
    app.state.settings = chosen
    app.state.tokens = Tokens(chosen)
    app.state.vault = vault(chosen)
    errors.install(app)
    for router, prefix, tag in ROUTERS:
        app.include_router(router, prefix=prefix, tags=[tag])
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    chosen: Settings = app.state.settings
    database = Database(chosen.database_url.get_secret_value(), pool_size=chosen.database_pool_size)
    app.state.database = database
    yield
    await database.close()


def _operation_id(route: APIRoute) -> str:
    return route.name
