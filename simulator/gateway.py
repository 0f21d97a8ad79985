"""The payment gateway's addresses: its signed API for shops, and the page where a shopper pays."""

import hmac
from pathlib import Path
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, select_autoescape

from simulator.chats import now
from simulator.checkouts import Checkout, Gateway, GatewayRefusal
from simulator.words import PAY_WORDS

PAGES = Environment(loader=FileSystemLoader(Path(__file__).parent / "pages"), autoescape=select_autoescape())

router = APIRouter(prefix="/gateway")


def refused(refusal: GatewayRefusal) -> Response:
    """The gateway's error answer."""
    return JSONResponse({"error": {"code": refusal.code, "message": str(refusal)}}, refusal.status)


def _check_signature(request: Request, gateway: Gateway, signed: bytes) -> None:
    given = request.headers.get("x-gateway-signature", "")
    if not given:
        raise GatewayRefusal(401, "signature_missing", "X-Gateway-Signature is missing.")
    if not hmac.compare_digest(given.encode(), gateway.sign(signed).encode()):
        raise GatewayRefusal(
            403, "signature_wrong", "X-Gateway-Signature is not over these bytes with your secret."
        )


@router.post("/checkouts")
async def open_checkout(request: Request) -> Response:
    """Opens a checkout, signed over the body; the same order again gets the same checkout."""
    gateway: Gateway = request.app.state.gateway
    body = await request.body()
    try:
        _check_signature(request, gateway, body)
        checkout = gateway.open(body)
    except GatewayRefusal as refusal:
        return refused(refusal)
    url = f"{request.app.state.settings.public_url}/gateway/pay/{checkout.id}"
    return JSONResponse({"id": checkout.id, "url": url}, 201)


@router.get("/checkouts/{reference}")
async def read_checkout(request: Request, reference: str) -> Response:
    """A checkout's state, for a shop that lost a callback; signed over the request's path."""
    gateway: Gateway = request.app.state.gateway
    try:
        _check_signature(request, gateway, request.url.path.encode())
        return JSONResponse(gateway.by_reference(reference).state())
    except GatewayRefusal as refusal:
        return refused(refusal)


@router.get("/pay/{checkout_id}", response_class=HTMLResponse)
async def show_pay_page(request: Request, checkout_id: str, again: bool = False) -> Response:
    """The page the pay link opens; ``again`` shows the form after a payment that was declined."""
    gateway: Gateway = request.app.state.gateway
    try:
        checkout = gateway.find(checkout_id)
    except GatewayRefusal:
        return HTMLResponse(PAGES.get_template("pay_missing.html").render(), 404)
    return HTMLResponse(_page(checkout, again=again))


@router.post("/pay/{checkout_id}")
async def decide(
    request: Request, checkout_id: str, decision: Annotated[Literal["approve", "decline", "retry"], Form()]
) -> Response:
    """The shopper approves, declines, or wants to try again."""
    gateway: Gateway = request.app.state.gateway
    try:
        checkout = gateway.find(checkout_id)
    except GatewayRefusal:
        return HTMLResponse(PAGES.get_template("pay_missing.html").render(), 404)
    if decision != "retry":
        gateway.decide(checkout, now(), approve=decision == "approve")
    suffix = "?again=1" if decision == "retry" else ""
    # 303: a reload of the result shows it again and sends nothing.
    return RedirectResponse(f"/gateway/pay/{checkout_id}{suffix}", 303)


def _page(checkout: Checkout, *, again: bool) -> str:
    language = checkout.locale[:2]
    return PAGES.get_template("pay.html").render(
        checkout=checkout, words=PAY_WORDS[language], language=language, again=again
    )
