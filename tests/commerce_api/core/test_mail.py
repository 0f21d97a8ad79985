"""Letters reach a mail server, and half a mail server is no setting."""

from collections.abc import AsyncIterator

import aiosmtplib
import pytest

from commerce_api.core import mail
from commerce_api.core.mail import Letter
from commerce_api.core.settings import Settings
from tests.commerce_api.letterbox import SENDER, Letterbox, open_letterbox


@pytest.fixture
async def box() -> AsyncIterator[Letterbox]:
    async with open_letterbox() as box:
        yield box


async def test_a_letter_arrives_as_it_was_written(box: Letterbox, settings: Settings) -> None:
    letter = Letter(
        "ada@test.example", "Àlàáfíà\r\nBcc: all@test.example", "Open this: https://x.example/?a=1\n"
    )
    await mail.send(box.settings(settings), letter)
    (arrived,) = box.letters
    assert (arrived["To"], arrived["From"]) == ("ada@test.example", SENDER)
    assert arrived["Subject"] == "Àlàáfíà Bcc: all@test.example"
    assert arrived["Bcc"] is None
    assert arrived.get_content().strip() == "Open this: https://x.example/?a=1"


async def test_a_letter_that_is_not_taken_raises(box: Letterbox, settings: Settings) -> None:
    box.refuses = True
    with pytest.raises(aiosmtplib.SMTPException):
        await mail.send(box.settings(settings), Letter("ada@test.example", "x", "y"))


def with_mail(**given: str) -> Settings:
    return Settings(_env_file=None, demo=True, database_url="postgresql://nobody@nowhere/none", **given)  # type: ignore[call-arg, arg-type]


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"smtp_host": "mail.example"}, "MAIL_FROM"),
        ({"mail_from": "desk@x.example"}, "SMTP_HOST"),
        ({"smtp_host": "mail.example", "mail_from": "nobody"}, "MAIL_FROM"),
        ({"smtp_host": "mail.example", "mail_from": "d@x.example", "smtp_username": "d"}, "SMTP_PASSWORD"),
        ({"smtp_host": "mail.example", "mail_from": "d@x.example", "smtp_password": "p"}, "SMTP_USERNAME"),
    ],
)
def test_half_a_mail_server_stops_the_process(given: dict[str, str], named: str) -> None:
    with pytest.raises(ValueError, match=f"{named}: missing or wrong"):
        with_mail(**given)


def test_a_password_is_not_sent_in_the_clear() -> None:
    whole = {
        "smtp_host": "mail.example",
        "mail_from": "d@x.example",
        "smtp_username": "d",
        "smtp_password": "p",
    }
    assert with_mail(**whole).sends_mail
    with pytest.raises(ValueError, match="SMTP_SECURITY"):
        with_mail(**whole, smtp_security="none")


def test_without_any_of_it_no_mail_is_sent() -> None:
    assert not with_mail().sends_mail
