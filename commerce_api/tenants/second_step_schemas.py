"""The JSON of the second step of signing in."""

from typing import Annotated

from pydantic import BaseModel, StringConstraints

from commerce_api.tenants.passwords import LONGEST

Code = Annotated[str, StringConstraints(min_length=6, max_length=40)]
OwnPassword = Annotated[str, StringConstraints(max_length=LONGEST)]


class SecondStepRead(BaseModel):
    """Whether signing in asks for a code, and how many recovery codes are unused."""

    is_on: bool
    recovery_codes_left: int


class SecondStepBegin(BaseModel):
    """The password, from who has one."""

    password: OwnPassword | None = None


class SecondStepSecret(BaseModel):
    """What the authenticator app is given: the secret, or the address as a QR code. Told this once."""

    secret: str
    address: str


class CodeGiven(BaseModel):
    """A code of the app, or where one is turned on already, a recovery code."""

    code: Code


class SecondStepEnd(CodeGiven):
    """The password, from who has one, and a code."""

    password: OwnPassword | None = None


class RecoveryCodesRead(BaseModel):
    """The recovery codes, told this once."""

    recovery_codes: list[str]
