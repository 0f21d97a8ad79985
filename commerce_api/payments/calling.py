"""Sends what a payment provider built, through the one pooled client."""

import httpx

from commerce_api.payments.errors import PaymentProviderUnavailable
from commerce_api.payments.port import Checkout, CheckoutAsked, PaymentNews, PaymentProvider, ProviderCall

# The bot side gives up on a call after five seconds, so the shopper's answer can't wait for longer.
TIMEOUT = httpx.Timeout(4.0, connect=2.0)


async def create_checkout(
    http: httpx.AsyncClient, provider: PaymentProvider, asked: CheckoutAsked
) -> Checkout:
    """A page to pay on; safe to repeat. Raises PaymentProviderUnavailable or PaymentProviderRefused."""
    return provider.read_checkout(*await _send(http, provider.build_checkout(asked)))


async def ask_state(http: httpx.AsyncClient, provider: PaymentProvider, reference: str) -> PaymentNews | None:
    """How the payment stands at the provider, None when it has none such. Raises as ``create_checkout``."""
    return provider.read_state(*await _send(http, provider.build_state(reference)))


async def _send(http: httpx.AsyncClient, call: ProviderCall) -> tuple[int, bytes]:
    try:
        answer = await http.request(
            call.method, call.url, headers=dict(call.headers), content=call.body or None, timeout=TIMEOUT
        )
    except httpx.HTTPError as error:
        raise PaymentProviderUnavailable from error
    return answer.status_code, answer.content
