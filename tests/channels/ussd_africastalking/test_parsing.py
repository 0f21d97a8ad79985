"""What stands in a step of a session; the recordings in ``payloads/ussd_africastalking`` say the rest."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.provider import MalformedWebhook, SignatureMissing, SignatureWrong, WebhookRequest
from channels.registry import PROVIDERS
from tests.channels.recordings import posted

USSD = PROVIDERS["ussd_africastalking"]
STEP = {
    "sessionId": "ATUid_1",
    "serviceCode": "*384*1001#",
    "phoneNumber": "+2348031234501",
    "networkCode": "62130",
    "text": "",
}


def step(**fields: str) -> WebhookRequest:
    return posted(urlencode({**STEP, **fields}).encode())


@pytest.mark.parametrize(
    "fields",
    [
        {"sessionId": ""},
        {"sessionId": "x" * 201},
        {"serviceCode": "1001"},
        {"serviceCode": ""},
        {"phoneNumber": "anonymous"},
        {"phoneNumber": ""},
    ],
)
def test_a_step_without_its_session_code_or_number_is_alien(fields: dict[str, str]) -> None:
    with pytest.raises(MalformedWebhook):
        USSD.parse(step(**fields))


def test_a_plus_that_became_a_space_is_a_plus() -> None:
    body = step().body.replace(b"%2B", b"+")
    assert USSD.parse(posted(body)).messages[0].sender == "+2348031234501"


@given(inputs=st.lists(st.text("0123456789abc", min_size=1, max_size=5), max_size=8))
def test_each_step_of_a_session_has_an_id_of_its_own(inputs: list[str]) -> None:
    steps = [step(text="*".join(inputs[:count])) for count in range(len(inputs) + 1)]
    read = [USSD.parse(one).messages[0] for one in steps]
    assert len({message.provider_message_id for message in read}) == len(read)
    assert [message.text for message in read] == [None, *inputs]


def test_the_key_in_the_path_is_what_vouches_for_it() -> None:
    secrets = {"platform": "key", "own": "other", "empty": ""}
    keyed = WebhookRequest(b"", {}, (), path_key="other")
    assert USSD.verify(keyed, secrets) == "own"
    with pytest.raises(SignatureWrong):
        USSD.verify(WebhookRequest(b"", {}, (), path_key="guess"), secrets)
    for missing in (None, ""):
        with pytest.raises(SignatureMissing):
            USSD.verify(WebhookRequest(b"", {}, (), path_key=missing), secrets)
