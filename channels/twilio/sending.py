"""A message as a request to Twilio ("Message resource", Create a Message)."""

from __future__ import annotations

import base64
from typing import Dict, List, Optional, Union
from urllib.parse import quote

from channels.provider import ProviderRequest, SenderAccount

Form = Dict[str, Union[str, List[str]]]


def request(
    account: SenderAccount,
    sender: str,
    recipient: str,
    *,
    body: str = "",
    media: Optional[str] = None,
    content: Optional[Form] = None,
) -> ProviderRequest:
    """One message of words, a picture's address, or an approved content's fields.

    Where the account's credentials name a ``messaging_service_sid``, that service sends it in its name.
    """
    form: Form = {"From": sender, "To": recipient}
    if service := account.credentials.get("messaging_service_sid"):
        form["MessagingServiceSid"] = service
    if body:
        form["Body"] = body
    if media:
        form["MediaUrl"] = [media]
    form.update(content or {})
    if account.callback_url:
        form["StatusCallback"] = account.callback_url
    sid = quote(account.credentials.get("account_sid", ""), safe="")
    url = f"{account.base_url}/2010-04-01/Accounts/{sid}/Messages.json"
    return ProviderRequest("POST", url, authorization(account), form=form)


def authorization(account: SenderAccount) -> Dict[str, str]:
    """The headers that show who asks."""
    known = account.credentials
    plain = f"{known.get('account_sid', '')}:{known.get('auth_token', '')}"
    return {"Authorization": f"Basic {base64.b64encode(plain.encode()).decode()}"}
