"""Puts the stand-in together: ``uvicorn --factory simulator.app:create_app --port 8010``."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
from fastapi import FastAPI, Response
from fastapi.responses import FileResponse
from starlette.staticfiles import StaticFiles

from simulator import control, fault_endpoints, gateway, gateway_control, phone_endpoints, ussd_endpoints
from simulator import settings as simulator_settings
from simulator.africastalking import endpoints as africastalking
from simulator.africastalking.dialect import AfricasTalking
from simulator.carrier import Carrier
from simulator.chats import Phones
from simulator.checkouts import Gateway
from simulator.dialect import Dialect
from simulator.faults import Faults
from simulator.guard import Guard
from simulator.instagram import endpoints as instagram
from simulator.instagram.dialect import Instagram
from simulator.ledger import Ledger
from simulator.media import Media
from simulator.posting import Poster
from simulator.rates import Rates, Strictness
from simulator.sends import Sends
from simulator.settings import Channel, Settings
from simulator.stopping import told_of_signals
from simulator.twilio import endpoints as twilio
from simulator.twilio.dialect import Twilio
from simulator.ussd import UssdNetwork
from simulator.whatsapp import endpoints as whatsapp
from simulator.whatsapp.dialect import WhatsApp

PAGES = Path(__file__).parent / "pages"
PROVIDERS = (whatsapp, instagram, twilio, africastalking)


def create_app(
    settings: Settings | None = None, *, transport: httpx.AsyncBaseTransport | None = None
) -> FastAPI:
    """The whole stand-in. ``transport`` replaces the network that webhooks go out on, for tests."""
    settings = settings or simulator_settings.load()
    # No proxy: webhooks and callbacks go to addresses on this machine.
    http = httpx.AsyncClient(timeout=settings.webhook_timeout, transport=transport, trust_env=False)
    carrier = _carrier(settings, http)
    poster, phones = carrier.poster, carrier.phones

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
    app.state.sends = Sends(carrier)
    app.state.ussd = UssdNetwork(settings, poster)
    app.state.gateway = Gateway(settings.gateway_secret, poster, settings.retry_pauses)
    for part in (
        control,
        fault_endpoints,
        gateway_control,
        phone_endpoints,
        ussd_endpoints,
        gateway,
        *PROVIDERS,
    ):
        app.include_router(part.router)
    app.mount("/static", StaticFiles(directory=PAGES / "static"))
    app.add_api_route("/", show_phones, include_in_schema=False)
    app.add_api_route("/healthz", healthz, include_in_schema=False)
    app.add_middleware(Guard)
    return app


def _carrier(settings: Settings, http: httpx.AsyncClient) -> Carrier:
    faults, ledger = Faults(), Ledger()
    dialects: tuple[Dialect, ...] = (
        WhatsApp(settings),
        Instagram(settings),
        Twilio(settings, Channel.WHATSAPP_TWILIO),
        Twilio(settings, Channel.SMS_TWILIO),
        AfricasTalking(settings),
    )
    return Carrier(
        settings,
        Phones(settings),
        Poster(http, faults, ledger),
        Media(http, settings.public_url, settings.twilio_sid),
        dialects={dialect.channel: dialect for dialect in dialects},
        faults=faults,
        rates=Rates(Strictness(settings.limits)),
        ledger=ledger,
    )


async def show_phones() -> Response:
    """The page of phones."""
    return FileResponse(PAGES / "phones.html", headers={"Cache-Control": "no-cache"})


async def healthz() -> dict[str, str]:
    """Says the process is up."""
    return {"status": "ok"}
