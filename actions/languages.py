"""Which language is spoken here."""

import re

from rasa_sdk.events import ActionExecuted, SessionStarted, SlotSet

from actions.phrases import phrase, speaking
from actions.visit import Events, ShopAction, Visit
from commerce_client.errors import ApiRefused, ApiUnavailable

# What people call each language, in any of them.
NAMES = {
    "en": "english anglais kiingereza turanci oyinbo ingilishi gẹ̀ẹ́sì geesi",
    "pcm": "pidgin broken naija",
    "sw": "swahili kiswahili suahili",
    "fr": "french français francais kifaransa faransanci",
    "ha": "hausa haoussa kihausa",
    "yo": "yoruba yorùbá yoruban",
}
CODES = {name: code for code, names in NAMES.items() for name in names.split()}


class ActionSessionStart(ShopAction):
    """Begins where the last talk ended, in the language the contact speaks, or else the shop's first."""

    called = "action_session_start"

    async def act(self, visit: Visit) -> Events:
        """An API that can't be asked now costs the language, not the talk."""
        kept = [SlotSet(name, value) for name, value in visit.tracker.slots.items() if value is not None]
        return [SessionStarted(), *kept, *await self._language(visit), ActionExecuted("action_listen")]

    async def _language(self, visit: Visit) -> Events:
        if visit.slot("language"):
            return []
        try:
            known = await visit.shop.conversation()
        except (ApiUnavailable, ApiRefused):
            return []
        spoken = known.language or next(iter(known.languages), None)
        return [SlotSet("language", spoken), SlotSet("language_kept", known.language)]


class ActionSwitchLanguage(ShopAction):
    """Goes on in the language that was asked for, and says so in it; else tells which there are."""

    called = "action_switch_language"

    async def act(self, visit: Visit) -> Events:
        """The slot decides what later responses are said in; the API keeps it for the next visit."""
        language = named_in(visit.heard.text)
        if language is None:
            visit.say("languages")
            return []
        await visit.shop.remember(language=language)
        with speaking(language):
            visit.dispatcher.utter_message(text=phrase("language_switched"))
        return [SlotSet("language", language), SlotSet("language_kept", language)]


def named_in(text: str) -> str | None:
    """The language that a text names last, of those spoken here; None when it names none."""
    said = [word for word in re.split(r"[^\w\u0300-\u036f]+", text.lower()) if word]
    return next((CODES[word] for word in reversed(said) if word in CODES), None)
