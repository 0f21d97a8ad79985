"""How the desk itself says no."""

from commerce_api.core.errors import AppError


class SignInNeeded(AppError):
    """Nobody is signed in, or no longer: the browser is sent to the sign-in page."""

    status = 401
    code = "sign_in_needed"

    def __init__(self) -> None:
        super().__init__("Sign in to go on.")


class FormExpired(AppError):
    """The form carries no token of this person's: it is old, or another site made it."""

    status = 403
    code = "form_expired"

    def __init__(self) -> None:
        super().__init__("This page is no longer current. Load it again and repeat what you did.")


class NothingWritten(AppError):
    """A reply without words and without a photo."""

    status = 422
    code = "nothing_written"

    def __init__(self) -> None:
        super().__init__("Write something, or add a photo.")
