"""One action of one turn: what was heard, the shop to ask, and the way to answer."""

import logging
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any, ClassVar

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.choices import Button, button, cut, unique
from actions.client import commerce
from actions.heard import FORM, Heard, message_id
from actions.memory import KEPT, Memory
from actions.phrases import phrase, speaking
from channels.messages import Ask
from commerce_client.errors import ApiRefused, ApiUnavailable
from commerce_client.shop import Shop

log = logging.getLogger(__name__)
Events = list[EventType]
_FORM_ACTIONS = frozenset({FORM, "action_extract_slots", "action_listen"})
FOCUS = ("product_id", "variant_id", "line_id")
KEPT_SECONDS = 900.0
"""Acts that wait longer are no longer meant."""


@dataclass(frozen=True)
class Visit:
    """What an action works with."""

    shop: Shop
    heard: Heard
    tracker: Tracker
    dispatcher: CollectingDispatcher
    memory: Memory = field(default_factory=Memory)

    def say(
        self,
        response: str,
        *,
        buttons: list[Button] | None = None,
        opener: str | None = None,
        image: str | None = None,
        link: tuple[str, str] | None = None,
        ask: Ask | None = None,
        is_last: bool = False,
        **facts: Any,
    ) -> None:
        """Answers with ``utter_<response>`` of the domain. ``link`` is a title and an address.

        ``is_last``: nothing more is expected, so that a dialogue which costs by the minute may end here.
        """
        self.memory.note_shown(buttons or [])
        custom: dict[str, Any] = {}
        if opener and buttons and len(buttons) > 3:
            custom["opener"] = phrase(f"opener_{opener}")
        if link:
            custom["link"] = {"title": link[0], "url": link[1]}
        if ask:
            custom["ask"] = ask.value
        if is_last:
            custom["is_last"] = True
        self.dispatcher.utter_message(
            response=f"utter_{response}",
            buttons=[offered.render(number) for number, offered in enumerate(unique(buttons or []), start=1)],
            image=image,
            json_message=custom or None,
            **facts,
        )

    def slot(self, name: str) -> Any:
        """A slot's value."""
        return self.tracker.get_slot(name)

    @property
    def is_in_checkout(self) -> bool:
        """Whether the checkout form is going on."""
        return bool(self.tracker.active_loop.get("name") == FORM) if self.tracker.active_loop else False

    @property
    def is_going_on(self) -> bool:
        """Whether more is done behind this: of the same message, or kept from an earlier one."""
        return bool(self.heard.waiting or self.slot(KEPT))

    @property
    def answered_by(self) -> str | None:
        """The action that answered the message before the form ran; None when the form is the first."""
        for event in reversed(self.tracker.events):
            if event.get("event") == "user":
                return None
            if event.get("event") == "action" and event.get("name") not in _FORM_ACTIONS:
                return str(event.get("name"))
        return None

    def ask(self, response: str, **facts: Any) -> None:
        """Asks a question of the form; in other words when the talk strayed from it and it is asked again."""
        strayed = self.is_in_checkout and self.answered_by not in {
            None,
            "action_begin_checkout",
            "action_place_order",
        }
        self.say(f"{response}_again" if strayed else response, **facts)


class ShopAction(Action, ABC):
    """An action that asks the API. It always answers: when the API can't, it says so and offers to try again.

    ``is_buying`` actions change what is bought; they ask first when the message they answer is old, and what
    an earlier message left to be done goes on behind one that ``goes_on``.
    """

    called: ClassVar[str]
    is_buying: ClassVar[bool] = False
    goes_on: ClassVar[bool] = True

    def name(self) -> str:
        """The action's name in the domain."""
        return self.called

    @abstractmethod
    async def act(self, visit: Visit) -> Events:
        """Answers one message; gives the slots to set."""

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        """Called by rasa-sdk."""
        with speaking(tracker.get_slot("language")):
            visit = Visit(commerce(tracker, self.called), Heard.read(tracker), tracker, dispatcher)
            events = await self._answer(visit)
            kept = visit.memory.events()
            after = take_up_kept(visit) if self.is_buying and self.goes_on else []
            return [*events, *kept, *after, *await _keep_language(visit, events)]

    async def _answer(self, visit: Visit) -> Events:
        if self.is_buying and visit.heard.is_late:
            return confirm_late(visit)
        try:
            return await self.act(visit)
        except (ApiUnavailable, ApiRefused) as error:
            log.warning("%s could not be answered: %s", self.called, error)
            again = button("try_again", visit.heard.intent, **visit.heard.repeated())
            visit.say("trouble", buttons=[again, button("person", "talk_to_human")])
            return []


def take_up_kept(visit: Visit) -> Events:
    """What an earlier message asked for behind an act that could not be done then, now that one is done."""
    kept = visit.slot(KEPT)
    if not kept or visit.memory.is_halted or visit.heard.waiting or visit.is_in_checkout:
        return []
    if kept["message"] == message_id(visit.tracker):
        return []
    if said_at(visit.tracker) - kept["at"] > KEPT_SECONDS:
        return [SlotSet(KEPT, None)]
    under_way = {"message": message_id(visit.tracker), "done": 0, "left": [{}, *kept["left"]]}
    return [SlotSet(KEPT, None), SlotSet("acts", under_way), FollowupAction("action_take_up_act")]


def said_at(tracker: Tracker) -> float:
    """When the message being answered was heard, in seconds."""
    said = (event for event in reversed(tracker.events) if event.get("event") == "user")
    return float((next(said, None) or {}).get("timestamp") or 0.0)


async def _keep_language(visit: Visit, events: Events) -> Events:
    """Has the API keep the language that is spoken, when it is another than it keeps."""
    spoken = visit.slot("language")
    is_said = any(event.get("name") == "language_kept" for event in events)
    if not spoken or spoken == visit.slot("language_kept") or is_said:
        return []
    try:
        await commerce(visit.tracker, "keep_language").remember(language=spoken)
    except (ApiUnavailable, ApiRefused) as error:
        log.warning("the language could not be kept: %s", error)
        return []
    return [SlotSet("language_kept", spoken)]


def confirm_late(visit: Visit) -> Events:
    """Asks whether a message that came late is still meant."""
    heard = visit.heard
    yes = button("yes_go_ahead", heard.intent, **{**heard.repeated(), "answer": "yes"})
    visit.say(
        "late_confirm", said=cut(heard.text, 120), buttons=[yes, button("leave_it", "deny", answer="no")]
    )
    return []


def focus(product_id: str | None = None, variant_id: str | None = None, line_id: str | None = None) -> Events:
    """The slots that say what "it" means from now on."""
    return [
        SlotSet(name, value) for name, value in zip(FOCUS, (product_id, variant_id, line_id), strict=True)
    ]
