"""The process that serves API and desk: ``uvicorn --factory console.app:create_app``."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware

from commerce_api import main
from commerce_api.core.oidc import Provider
from commerce_api.core.secrets import derive
from commerce_api.core.settings import Settings
from console import (
    account,
    assets,
    drawing,
    joining,
    provider,
    refusals,
    resetting,
    second_step,
    shops,
    signing_in,
)
from console.csrf import FormTokens
from console.entering import HalfwayTokens
from console.headers import SafeHeaders
from console.live import Hub
from console.pages import BASE
from console.sections import SECTIONS
from console.stopping import told_of_signals

# What everybody who signs in has, whatever shop they are at.
ROUTERS = (
    signing_in.router,
    joining.router,
    resetting.router,
    second_step.router,
    provider.router,
    shops.router,
    account.router,
    assets.router,
)
# Below this a compressed answer is hardly smaller.
SMALLEST_COMPRESSED = 600


def create_app(given: Settings | None = None) -> FastAPI:
    """The API's application with the desk mounted; ends and raises as ``commerce_api.main.create_app``."""
    app = main.create_app(given)
    app.router.lifespan_context = _with_hub(app, app.router.lifespan_context)
    app.mount(BASE, create_desk(app), name="console")
    return app


def create_desk(api: FastAPI) -> FastAPI:
    """The desk alone, on the API's database, settings and keys."""
    desk = FastAPI(openapi_url=None, redirect_slashes=False)
    settings: Settings = api.state.settings
    # One state: what the API's lifespan opens serves the desk's requests too.
    desk.state = api.state
    desk.state.form_tokens = FormTokens(derive(settings.master_key, "desk forms v1"))
    desk.state.provider = Provider(settings)
    desk.state.halfway_tokens = HalfwayTokens(derive(settings.master_key, "second step v1"))
    refusals.install(desk)
    for router in ROUTERS:
        desk.include_router(router)
    for section in SECTIONS:
        for router in section.routers:
            desk.include_router(router, prefix=shops.SHOP)
    desk.add_middleware(GZipMiddleware, minimum_size=SMALLEST_COMPRESSED)
    desk.add_middleware(SafeHeaders, is_https=settings.public_url.startswith("https:"))
    return desk


def _with_hub(app: FastAPI, inner: Callable[[FastAPI], Any]) -> Callable[[Any], Any]:
    """The API's lifespan, and within it the hub that keeps open pages current."""

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with inner(app):
            settings: Settings = app.state.settings
            hub = app.state.hub = Hub(settings.database_url.get_secret_value(), drawing.drawer(app))
            hearing = asyncio.create_task(hub.run())
            try:
                with told_of_signals(hub.close):
                    yield
            finally:
                hub.close()
                hearing.cancel()
                await asyncio.gather(hearing, return_exceptions=True)

    return lifespan
