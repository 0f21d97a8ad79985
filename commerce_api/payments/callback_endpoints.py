"""Where payment providers call back, and where they send shoppers afterwards."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from commerce_api.core.clock import NowDep
from commerce_api.core.database import SessionDep
from commerce_api.core.idempotency import IdempotentRoute
from commerce_api.payments import callbacks, providers
from commerce_api.payments.schemas import CallbackRead

router = APIRouter(prefix="/payments", route_class=IdempotentRoute)

RETURNED = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Back to your chat</title>
<style>
body{font:1.1rem/1.5 system-ui,sans-serif;max-width:28rem;margin:20vh auto;padding:0 1.5rem;text-align:center}
</style><h1>Thank you</h1>
<p>You can close this page and go back to your chat.
The shop tells you there when the payment has arrived.</p>
</html>"""


@router.post("/callbacks/{provider}")
async def receive_callback(provider: str, request: Request, session: SessionDep, now: NowDep) -> CallbackRead:
    """A provider's signed word on a payment: unsigned 401, wrongly signed 403, not what it sends 400."""
    told = providers.of(request).named(provider)
    body = await request.body()
    told.verify(request.headers, body)
    return CallbackRead(outcome=await callbacks.receive(session, told, told.parse(body), body, now))


@router.get("/return", response_class=HTMLResponse)
async def return_to_chat() -> str:
    """Where a provider sends the shopper after paying. Says nothing of the payment: only callbacks do."""
    return RETURNED
