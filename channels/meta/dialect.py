"""What Meta's channels do alike as ``Provider``; each brings its limits, parsing, building and codes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Mapping, Optional

from channels.meta import answering, signing
from channels.meta.nodes import Json
from channels.provider import Acknowledgement, SendResult, WebhookRequest
from channels.treating import Treatment


class Meta(ABC):
    """Signed by the app's secret, with a handshake, answered by the Graph API. See ``Provider``."""

    acknowledgement = Acknowledgement()

    def challenge(self, query: Mapping[str, str], verify_token: str) -> Optional[str]:
        """See ``Provider.challenge``."""
        return signing.challenge(query, verify_token)

    def verify(self, request: WebhookRequest, secrets: Mapping[str, str]) -> str:
        """See ``Provider.verify``."""
        return signing.verify(request, secrets)

    def read(self, status: int, headers: Mapping[str, str], body: bytes) -> SendResult:
        """See ``Provider.read``."""
        return answering.read(status, headers, body, sent_id=self.sent_id, treatment=self.treatment)

    @abstractmethod
    def sent_id(self, answer: Json) -> Optional[str]:
        """The message's id in an answer of success; None when it has none."""

    @abstractmethod
    def treatment(self, fault: answering.Fault) -> Treatment:
        """What to do about an error of the channel's."""
