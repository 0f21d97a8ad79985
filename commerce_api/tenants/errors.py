"""How the tenants module says no."""

from commerce_api.core.errors import AppError


class Forbidden(AppError):
    """The user is known, and may not do this."""

    status = 403
    code = "forbidden"


class TenantSuspended(AppError):
    """The platform has suspended the tenant; its members are told, others see nothing there."""

    status = 403
    code = "tenant_suspended"

    def __init__(self) -> None:
        super().__init__("This business is suspended. Write to the platform to have it opened again.")


class SlugTaken(AppError):
    """Another tenant has the slug."""

    status = 409
    code = "slug_taken"


class AlreadyMember(AppError):
    """The user is a member of the tenant."""

    status = 409
    code = "already_member"


class LastOwner(AppError):
    """A tenant keeps at least one owner."""

    status = 409
    code = "last_owner"

    def __init__(self) -> None:
        super().__init__("This is the last owner. Make another member an owner first.")


class SignInRefused(AppError):
    """Wrong e-mail or password: which of them is not said. The failure is counted."""

    status = 401
    code = "sign_in_refused"
    keeps_effects = True

    def __init__(self) -> None:
        super().__init__("The e-mail address or the password is wrong.")
        self.headers = {"WWW-Authenticate": "Bearer"}


class PasswordWrong(AppError):
    """The current password, asked for before a new one is taken, is wrong. The failure is counted."""

    status = 403
    code = "password_wrong"
    keeps_effects = True

    def __init__(self) -> None:
        super().__init__("The current password is wrong.")


class TooManySignIns(AppError):
    """Signing in as this address failed too often; it is refused for a while, right or wrong."""

    status = 429
    code = "too_many_sign_ins"

    def __init__(self, seconds: int) -> None:
        super().__init__(f"Too many failed attempts. Try again in {seconds} seconds.")
        self.headers = {"Retry-After": str(seconds)}
