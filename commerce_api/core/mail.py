"""Letters: plain-text e-mails, one at a time, by the SMTP server of the settings."""

from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid, parseaddr

import aiosmtplib

from commerce_api.core.settings import Settings

TIMEOUT = 20.0


@dataclass(frozen=True)
class Letter:
    """An e-mail to one address. Line breaks in the subject become spaces."""

    to: str
    subject: str
    text: str


async def send(settings: Settings, letter: Letter) -> None:
    """Hands a letter to the server. Raises aiosmtplib's SMTPException, or OSError."""
    message = EmailMessage()
    message["From"] = settings.mail_from
    message["To"] = letter.to
    message["Subject"] = " ".join(letter.subject.split())
    message["Date"] = formatdate()
    message["Message-ID"] = make_msgid(domain=parseaddr(settings.mail_from)[1].rpartition("@")[2])
    # Told to machines that answer letters with letters.
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text)
    await aiosmtplib.send(
        message,
        hostname=settings.smtp_host,
        port=settings.smtp_port,
        username=settings.smtp_username or None,
        password=settings.smtp_password.get_secret_value() or None,
        use_tls=settings.smtp_security == "tls",
        start_tls=settings.smtp_security == "starttls",
        timeout=TIMEOUT,
    )
