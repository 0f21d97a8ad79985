"""How the conversations module says no."""

from commerce_api.core.errors import AppError


class LeaseLost(AppError):
    """The turn is another process's now, or over: what this one did with it is not kept."""

    status = 409
    code = "lease_lost"

    def __init__(self) -> None:
        super().__init__("This turn is no longer yours.")


class ReplyWindowClosed(AppError):
    """The provider takes no free-form message to this shopper until they write again."""

    status = 409
    code = "reply_window_closed"

    def __init__(self) -> None:
        super().__init__(
            "The shopper last wrote too long ago: this channel takes no reply until they write again."
        )


class AddressUnavailable(AppError):
    """The address can't be connected; the same is said whoever holds it."""

    status = 409
    code = "address_unavailable"

    def __init__(self) -> None:
        super().__init__("This address can't be connected. Check it, or ask the platform to free it.")


class ChannelUnknown(AppError):
    """There is no such channel."""

    status = 400
    code = "channel_unknown"
