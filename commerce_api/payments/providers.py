"""The payment providers this installation has, made from its settings."""

from fastapi import Request

from commerce_api.core.settings import Settings
from commerce_api.payments.errors import PayLinksUnavailable, PaymentProviderUnknown
from commerce_api.payments.gateway import Gateway
from commerce_api.payments.port import PaymentProvider


class Providers:
    """Every provider by name, and where they call back; none without ``PAYMENT_GATEWAY_BASE_URL``."""

    def __init__(self, settings: Settings) -> None:
        self._public_url = settings.public_url
        self._by_name: dict[str, PaymentProvider] = {}
        if settings.takes_pay_links:
            secret = settings.payment_gateway_secret.get_secret_value()
            self._by_name[Gateway.name] = Gateway(settings.payment_gateway_base_url, secret)

    @property
    def default(self) -> PaymentProvider:
        """The one that makes new pay links. Raises PayLinksUnavailable."""
        if not self._by_name:
            raise PayLinksUnavailable
        return self._by_name[Gateway.name]

    def named(self, name: str) -> PaymentProvider:
        """Raises PaymentProviderUnknown."""
        if name not in self._by_name:
            raise PaymentProviderUnknown(name)
        return self._by_name[name]

    def callback_url(self, provider: PaymentProvider) -> str:
        """Where the provider sends its word on payments."""
        return f"{self._public_url}/api/v1/payments/callbacks/{provider.name}"

    def return_url(self) -> str:
        """The page a shopper comes to after paying."""
        return f"{self._public_url}/api/v1/payments/return"


def of(request: Request) -> Providers:
    """The providers of the application that serves the request."""
    settings: Settings = request.app.state.settings
    return Providers(settings)
