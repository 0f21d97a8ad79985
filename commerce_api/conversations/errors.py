"""How the conversations module says no."""

from commerce_api.core.errors import AppError

# Why a message could not be sent, beside the providers' own codes.
OPTED_OUT = "opted_out"
WINDOW_CLOSED = "window_closed"


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


class ContactOptedOut(AppError):
    """The shopper said STOP on this channel account: only they can take it back."""

    status = 409
    code = OPTED_OUT

    def __init__(self) -> None:
        super().__init__(
            "The shopper asked for no more messages here. They can write START; nobody else can change it."
        )


class CredentialsMissing(AppError):
    """An account can't be connected without credentials that are named in the text."""

    status = 400
    code = "credentials_missing"


class AddressMissing(AppError):
    """An account can't be connected without its number or page."""

    status = 400
    code = "address_missing"


class RoadUnfit(AppError):
    """A channel account can't send by the account it was to be switched to; the text says why."""

    status = 409
    code = "road_unfit"


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


class MergeUndone(AppError):
    """The merge was undone before."""

    status = 409
    code = "merge_undone"

    def __init__(self) -> None:
        super().__init__("This merge was undone already.")


class MergeBuiltUpon(AppError):
    """The contact that was kept is part of another by now."""

    status = 409
    code = "merge_built_upon"

    def __init__(self) -> None:
        super().__init__("This contact has been merged again since: undo the later merge first.")


class CannedReplyTaken(AppError):
    """The shop has a canned reply of this name."""

    status = 409
    code = "canned_reply_taken"


class DueInThePast(AppError):
    """A message for later was to be said before now."""

    status = 409
    code = "due_in_the_past"


class NotAMember(AppError):
    """The user whom a conversation was to be given to is no member of the shop."""

    status = 409
    code = "not_a_member"


class PhotoNotTaken(AppError):
    """The upload is no picture that can be read, or has more pixels than we decode."""

    status = 415
    code = "photo_not_taken"

    def __init__(self) -> None:
        super().__init__("This is no JPEG, PNG, WebP or GIF picture of 40 million pixels at most.")


class NumberUnfit(AppError):
    """A test message needs a number with its country, and a channel on which we may write first."""

    status = 409
    code = "number_unfit"

    def __init__(self) -> None:
        super().__init__(
            "Write your own number with its country, like +2348030000000. On Instagram and USSD nobody can be"
            " written to first: write to the shop from your own phone instead."
        )


class ReactionNotCarried(AppError):
    """The channel carries no reactions to shoppers, or this is nothing a shopper said."""

    status = 409
    code = "reaction_not_carried"

    def __init__(self) -> None:
        super().__init__("A reaction can be put on what a shopper said on WhatsApp alone.")
