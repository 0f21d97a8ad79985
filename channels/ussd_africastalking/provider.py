"""Africa's Talking's USSD dialect."""

from __future__ import annotations

from typing import Mapping, Optional, Tuple

from channels.africastalking import keys
from channels.africastalking.setup import SETUP
from channels.messages import Media, OutboundMessage
from channels.provider import (
    Acknowledgement,
    MediaGone,
    Parsed,
    ProviderRequest,
    Rates,
    SenderAccount,
    SendOutcome,
    SendResult,
    WebhookRequest,
)
from channels.ussd_africastalking import parsing


class UssdAfricasTalking:
    """See ``channels.provider.Provider``. Replies are answers to webhooks, so there is nothing to build."""

    name = "ussd_africastalking"
    setup = SETUP
    rates = Rates(account_per_second=100.0)
    acknowledgement = Acknowledgement(goes_on="CON ", ends="END ")
    window_hours: Optional[int] = None
    is_number_based = True

    def challenge(self, query: Mapping[str, str], verify_token: str) -> Optional[str]:
        """Africa's Talking shakes no hands."""
        return None

    def verify(self, request: WebhookRequest, secrets: Mapping[str, str]) -> str:
        """By the key in the path. Raises SignatureMissing and SignatureWrong."""
        return keys.verify(request, secrets)

    def parse(self, request: WebhookRequest) -> Parsed:
        """One step of a session. Raises MalformedWebhook."""
        return parsing.parse(request)

    def build(
        self, message: OutboundMessage, message_id: str, recipient: str, account: SenderAccount
    ) -> Tuple[ProviderRequest, ...]:
        """Nothing: a network carries no screen that wasn't asked for."""
        return ()

    def read(self, status: int, headers: Mapping[str, str], body: bytes) -> SendResult:
        """Of what was never asked, any answer is a refusal, for good or for now."""
        outcome = SendOutcome.RETRY if status >= 500 else SendOutcome.REFUSED
        return SendResult(outcome, error_code=str(status))

    def media_request(
        self, media: Media, account: SenderAccount, looked_up: Optional[bytes]
    ) -> ProviderRequest:
        """Phones that dial send no files. Raises MediaGone."""
        raise MediaGone("USSD carries no files")
