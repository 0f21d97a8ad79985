"""Africa's Talking's USSD dialect."""

from __future__ import annotations

from typing import Mapping, Tuple

from channels.africastalking.dialect import AfricasTalking
from channels.messages import OutboundMessage
from channels.provider import (
    Acknowledgement,
    Parsed,
    ProviderRequest,
    Rates,
    SenderAccount,
    SendOutcome,
    SendResult,
    WebhookRequest,
)
from channels.ussd_africastalking import parsing


class UssdAfricasTalking(AfricasTalking):
    """See ``channels.provider.Provider``. Replies are answers to webhooks, so there is nothing to build."""

    name = "ussd_africastalking"
    rates = Rates(account_per_second=100.0)
    acknowledgement = Acknowledgement(goes_on="CON ", ends="END ", waits=6.0)

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
