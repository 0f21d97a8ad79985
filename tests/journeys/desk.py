"""A seller at the API, for the journeys to check what the shop knows."""

import time
from typing import Any

import httpx

type Json = dict[str, Any]

PATIENCE = 30.0


class Desk:
    """A signed-in member's view of their first tenant."""

    def __init__(self, url: str, token: str) -> None:
        self._http = httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=10)
        self.me: Json = self._get("/me")
        self._path = f"/tenants/{self.me['memberships'][0]['tenant_id']}"

    def get(self, path: str, **params: Any) -> Json:
        """A resource of the tenant."""
        return self._get(f"{self._path}{path}", **params)

    def stock(self, sku: str) -> int:
        """How many of a variant can still be sold."""
        variants = [
            variant
            for product in self.products(sku)
            for variant in product["variants"]
            if variant["sku"] == sku
        ]
        assert len(variants) == 1, f"{sku} is {len(variants)} variants"
        return int(variants[0]["stock"])

    def products(self, words: str) -> list[Json]:
        """The products that a search finds."""
        items: list[Json] = self.get("/products", q=words, limit=200)["items"]
        return items

    def conversation_of(self, number: str) -> Json:
        """The one conversation with a shopper's number."""
        found = [
            item
            for item in self.get("/conversations", limit=200)["items"]
            if number in str(item["contact"]) or f"+{number}" in str(item["contact"])
        ]
        assert len(found) == 1, f"{number} has {len(found)} conversations"
        conversation: Json = found[0]
        return conversation

    def conversation(self, conversation_id: str) -> Json:
        """A conversation."""
        return self.get(f"/conversations/{conversation_id}")

    def messages(self, conversation_id: str) -> list[Json]:
        """Every message of a conversation, oldest first."""
        items: list[Json] = self.get(f"/conversations/{conversation_id}/messages", limit=200)["items"]
        return items

    def delivered_messages(self, conversation_id: str) -> list[Json]:
        """Every message of a conversation, once the receipts of all that was sent have been worked in."""
        deadline = time.monotonic() + PATIENCE
        pending: list[Json] = []
        while time.monotonic() < deadline:
            messages = self.messages(conversation_id)
            sent = [item for item in messages if item["direction"] == "outbound"]
            pending = [item for item in sent if item["status"] not in ("delivered", "read")]
            if sent and not pending:
                return messages
            time.sleep(0.1)
        raise AssertionError(f"not delivered in {PATIENCE:.0f} s: {pending}")

    def close(self) -> None:
        """Closes the connections."""
        self._http.close()

    def _get(self, path: str, **params: Any) -> Json:
        answer = self._http.get(path, params=params)
        assert answer.status_code == 200, f"GET {path}: {answer.status_code} {answer.text}"
        body: Json = answer.json()
        return body
