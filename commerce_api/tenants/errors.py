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


class TooManyTries(AppError):
    """Something that may be guessed or sent to strangers was tried too often; it is refused for a while."""

    status = 429
    code = "too_many_tries"

    def __init__(self, seconds: int) -> None:
        super().__init__(f"Too many attempts. Try again in {seconds} seconds.")
        self.headers = {"Retry-After": str(seconds)}


class TooManySignIns(TooManyTries):
    """Signing in as this address failed too often; it is refused for a while, right or wrong."""

    code = "too_many_sign_ins"


class LinkUnusable(AppError):
    """The link of an invitation or reset is unknown, used, taken back or too old. The try is counted."""

    status = 410
    code = "link_unusable"
    keeps_effects = True

    def __init__(self) -> None:
        super().__init__("This link no longer works: it is too old, or was used already. Ask for another.")


class InvitationForAnother(AppError):
    """The invitation is for another e-mail address than the one of who is signed in."""

    status = 403
    code = "invitation_for_another"

    def __init__(self, email: str) -> None:
        super().__init__(f"This invitation is for {email}. Sign in as that person to join.")


class AccountExists(AppError):
    """The invited person has an account already, and joins by signing in."""

    status = 409
    code = "account_exists"

    def __init__(self) -> None:
        super().__init__("There is an account with this address already. Sign in to join.")


class ResetNotYours(AppError):
    """The person's password is not this shop's alone to reset."""

    status = 403
    code = "reset_not_yours"

    def __init__(self) -> None:
        super().__init__(
            "This person's password can't be reset from here. They can do it themselves by e-mail, or the"
            " platform does."
        )


class ResetOwn(AppError):
    """Nobody makes a reset link for themselves: the current password would not be asked for."""

    status = 409
    code = "reset_own"

    def __init__(self) -> None:
        super().__init__("Change your own password on the page of your account.")


class NoMail(AppError):
    """The platform sends no e-mail."""

    status = 409
    code = "no_mail"

    def __init__(self) -> None:
        super().__init__(
            "No e-mail is sent from here. Ask an owner of your shop for a link to a new password."
        )


class CodeNeeded(AppError):
    """The password is right, and this person's sign-in takes a code as well."""

    status = 401
    code = "code_needed"

    def __init__(self) -> None:
        super().__init__("Send the code of your authenticator app, or a recovery code, as `code` too.")
        self.headers = {"WWW-Authenticate": "Bearer"}


class CodeWrong(AppError):
    """The code is wrong, too old, or was used already: which of them is not said. The failure is counted."""

    status = 403
    code = "code_wrong"
    keeps_effects = True

    def __init__(self) -> None:
        super().__init__("This code is wrong, or was used already. Wait for the next one.")


class SecondStepOn(AppError):
    """There is a second step already."""

    status = 409
    code = "second_step_on"

    def __init__(self) -> None:
        super().__init__("There is a second step already. Turn it off before setting up another.")


class SecondStepOff(AppError):
    """There is no second step, or none that waits to be confirmed."""

    status = 409
    code = "second_step_off"

    def __init__(self) -> None:
        super().__init__("There is no second step, or setting it up took too long. Begin anew.")


class ProviderSignInStale(AppError):
    """The provider's answer belongs to no sign-in that is under way in this browser, or was used already."""

    status = 409
    code = "provider_sign_in_stale"
    keeps_effects = True

    def __init__(self) -> None:
        super().__init__("This sign-in was begun in another browser, took too long, or is done already.")


class EmailNotVerified(AppError):
    """The provider names no e-mail address that it has verified."""

    status = 403
    code = "email_not_verified"
    keeps_effects = True

    def __init__(self) -> None:
        super().__init__(
            "The service you sign in with has not verified your e-mail address. Confirm it there first."
        )


class NotInvited(AppError):
    """The person is known here by no account and no invitation."""

    status = 403
    code = "not_invited"
    keeps_effects = True

    def __init__(self) -> None:
        super().__init__("There is no account for you here yet. Ask an owner of your shop to invite you.")


class TiedToAnother(AppError):
    """The account is signed in to by another person of the same provider."""

    status = 403
    code = "tied_to_another"
    keeps_effects = True

    def __init__(self) -> None:
        super().__init__(
            "The account with your e-mail address belongs to another person at this service. Sign in by"
            " password, or ask an owner of your shop."
        )
