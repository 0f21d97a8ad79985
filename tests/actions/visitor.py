"""A shopper as the action server meets one: a tracker that keeps its slots, and what was answered."""

import json
from dataclasses import dataclass, field
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.visit import ShopAction

Json = dict[str, Any]
NO_DOMAIN: Any = {}


def item(quantity: int | None = None, words: str = "", *, unit: str | None = None, **attributes: str) -> Json:
    """The value of a ``line_item`` entity."""
    return {"quantity": quantity, "words": words, "unit": unit, "attributes": attributes, "problem": None}


@dataclass
class Reply:
    """One response with its facts and choices."""

    message: Json

    @property
    def response(self) -> str:
        """Its name in the domain, without ``utter_``."""
        return str(self.message["response"]).removeprefix("utter_")

    @property
    def choices(self) -> dict[str, tuple[str, Json]]:
        """Titles with the intent and entities of picking them."""
        found = {}
        for button in self.message.get("buttons") or []:
            intent, _, entities = button["payload"][1:].partition("{")
            found[button["title"]] = (intent, json.loads("{" + entities))
        return found


@dataclass
class Visitor:
    """``slots`` live on from turn to turn; ``replies`` are those of the last."""

    slots: Json = field(default_factory=dict)
    events: list[Json] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)
    form: str | None = None
    turns: int = 0
    conversation: str = "c1"

    @property
    def reply(self) -> Reply:
        """The one reply of the last turn."""
        (reply,) = self.replies
        return reply

    async def hear(
        self,
        action: ShopAction,
        intent: str,
        text: str = "",
        *,
        items: list[Json] | None = None,
        **facts: Any,
    ) -> list[Json]:
        """Runs an action on a message. ``picked`` are a choice's entities; the rest is metadata."""
        picked, confidence = facts.pop("picked", {}), facts.pop("confidence", 0.9)
        ranking = [{"name": name, "confidence": 0.2} for name in facts.pop("ranking", [])]
        self.turns += 1
        typed = [
            {"entity": "line_item", "value": value, "extractor": "LineItemExtractor"} for value in items or []
        ]
        chosen = [{"entity": name, "value": value, "extractor": "offer"} for name, value in picked.items()]
        metadata = {"message_id": f"m{self.turns}", **facts}
        meant = {"intent": {"name": intent, "confidence": confidence}, "intent_ranking": ranking}
        message = {**meant, "text": text, "metadata": metadata}
        self.events.append({"event": "user", "text": text})
        return await self.run(action, {**message, "entities": [*typed, *chosen]})

    async def run(self, action: ShopAction, message: Json) -> list[Json]:
        """Runs an action; its slots are kept."""
        loop = {"name": self.form} if self.form else {}
        tracker = Tracker(
            self.conversation,
            dict(self.slots),
            message,
            list(self.events),
            False,
            None,
            loop,
            "action_listen",
        )
        dispatcher = CollectingDispatcher()
        events: list[Json] = await action.run(dispatcher, tracker, NO_DOMAIN)
        self.replies = [Reply(said) for said in dispatcher.messages]
        self.events += [
            {"event": "bot", "metadata": {"utter_action": r.message["response"]}} for r in self.replies
        ]
        self.slots |= {event["name"]: event["value"] for event in events if event["event"] == "slot"}
        return events
