"""One action of one turn: what was heard, the shop to ask, and the way to answer."""

import logging
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.choices import Button, button, cut, unique
from actions.client import commerce
from actions.heard import FORM, Heard
from actions.phrases import phrase, speaking
from channels.messages import Ask
from commerce_client.client import Shop
from commerce_client.errors import ApiRefused, ApiUnavailable

log = logging.getLogger(__name__)
Events = list[EventType]
_FORM_ACTIONS = frozenset({FORM, "action_extract_slots", "action_listen"})
FOCUS = ("product_id", "variant_id", "line_id")


@dataclass(frozen=True)
class Visit:
    """What an action works with."""

    shop: Shop
    heard: Heard
    tracker: Tracker
    dispatcher: CollectingDispatcher

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

    ``is_buying`` actions change what is bought; they ask first when the message they answer is old.
    """

    called: ClassVar[str]
    is_buying: ClassVar[bool] = False

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
            return [*events, *await _keep_language(visit, events)]

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
