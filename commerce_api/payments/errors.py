"""How the payments module says no."""

from commerce_api.core.errors import AppError


class PaymentProviderUnknown(AppError):
    """There is no payment provider of that name."""

    status = 404
    code = "payment_provider_unknown"

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no payment provider named {name[:40]}.")


class PayLinksUnavailable(AppError):
    """This installation has no payment provider to make pay links with."""

    status = 409
    code = "pay_links_unavailable"

    def __init__(self) -> None:
        super().__init__("Pay links can't be made here: no payment gateway is set up.")


class PaymentProviderUnavailable(AppError):
    """The provider did not answer, or with a fault of its own. Trying again is safe."""

    status = 503
    code = "payment_provider_unavailable"

    def __init__(self) -> None:
        super().__init__("The payment provider can't be reached just now. Try again in a moment.")
        self.headers = {"Retry-After": "5"}


class PaymentProviderRefused(AppError):
    """The provider won't take the payment we asked for; trying again won't help."""

    status = 502
    code = "payment_provider_refused"

    def __init__(self, status: int) -> None:
        super().__init__(f"The payment provider refused the payment (HTTP {status}).")


class CallbackUnsigned(AppError):
    """The callback carries no signature."""

    status = 401
    code = "signature_missing"

    def __init__(self) -> None:
        super().__init__("A callback must be signed.")


class CallbackSignatureWrong(AppError):
    """The callback's signature is not the provider's over these very bytes."""

    status = 403
    code = "signature_wrong"

    def __init__(self) -> None:
        super().__init__("The signature doesn't fit the body.")


class CallbackUnreadable(AppError):
    """The callback is signed, but is not what this provider sends."""

    status = 400
    code = "callback_unreadable"


class PaymentNotRefundable(AppError):
    """The payment holds no money that must go back."""

    status = 409
    code = "payment_not_refundable"

    def __init__(self) -> None:
        super().__init__("This payment holds no money that must go back.")
