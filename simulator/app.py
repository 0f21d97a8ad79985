"""Puts the stand-in together: ``uvicorn --factory simulator.app:create_app --port 8010``."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
from fastapi import FastAPI, Response
from fastapi.responses import FileResponse
from starlette.staticfiles import StaticFiles

from simulator import control, gateway, graph, phone_endpoints
from simulator import settings as simulator_settings
from simulator.carrier import Carrier
from simulator.chats import Phones
from simulator.checkouts import Gateway
from simulator.graph import GraphApi
from simulator.guard import Guard
from simulator.media import Media
from simulator.posting import Poster
from simulator.settings import Settings
from simulator.stopping import told_of_signals

PAGES = Path(__file__).parent / "pages"


def create_app(
    settings: Settings | None = None, *, transport: httpx.AsyncBaseTransport | None = None
) -> FastAPI:
    """The whole stand-in. ``transport`` replaces the network that webhooks go out on, for tests."""
    settings = settings or simulator_settings.load()
    # No proxy: webhooks and callbacks go to addresses on this machine.
    http = httpx.AsyncClient(timeout=settings.webhook_timeout, transport=transport, trust_env=False)
    poster = Poster(http, settings.retry_pauses)
    phones = Phones(settings)
    carrier = Carrier(settings, phones, poster, Media(http))

    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        with told_of_signals(phones.feed.close):
            yield
        phones.feed.close()
        await poster.close()

    app = FastAPI(title="Stand-ins for the outside world", lifespan=lifespan)
    app.state.settings = settings
    app.state.phones = phones
    app.state.carrier = carrier
    app.state.graph = GraphApi(carrier)
    app.state.gateway = Gateway(settings.gateway_secret, poster)
    for part in (control, phone_endpoints, gateway, graph):
        app.include_router(part.router)
    app.mount("/static", StaticFiles(directory=PAGES / "static"))
    app.add_api_route("/", show_phones, include_in_schema=False)
    app.add_api_route("/healthz", healthz, include_in_schema=False)
    app.add_middleware(Guard)
    return app


async def show_phones() -> Response:
    """The page of phones."""
    return FileResponse(PAGES / "phones.html", headers={"Cache-Control": "no-cache"})


async def healthz() -> dict[str, str]:
    """Says the process is up."""
    return {"status": "ok"}
