"""The few words around a screen that no turn of the assistant brings: keys, and what to do meanwhile.

Here and not in ``bot/domain.yml`` because they stand on screens that are shown without the assistant: while
it works, while a person answers, when nothing answers at all. Plain letters alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, Optional


@dataclass(frozen=True)
class Words:
    """One language's. ``{shop}`` and ``{code}`` (what to dial) are filled in where they stand."""

    back: str
    home: str
    more: str
    welcome_back: str
    go_on: str
    start_over: str
    working: str
    see_answer: str
    write_to_person: str
    person_by_sms: str
    person_by_dialling: str
    by_sms: str
    nothing: str


WORDS: Dict[str, Words] = {
    "en": Words(
        back="Back",
        home="Home",
        more="More",
        welcome_back="Welcome back to {shop}.",
        go_on="Go on where you were",
        start_over="Start anew",
        working="Still working on it.",
        see_answer="See the answer",
        write_to_person="A person from {shop} is answering you. Type your message:",
        person_by_sms="Your message is with {shop}. A person will answer you by SMS.",
        person_by_dialling="Your message is with {shop}. Dial {code} again to read a person's answer.",
        by_sms="The page's address comes by SMS to this phone.",
        nothing="There is nothing new here.",
    ),
    "pcm": Words(
        back="Back",
        home="Home",
        more="More",
        welcome_back="You don come back to {shop}.",
        go_on="Continue from where you stop",
        start_over="Start again",
        working="I still dey work on am.",
        see_answer="See the answer",
        write_to_person="Person for {shop} dey answer you. Type your message:",
        person_by_sms="Your message don reach {shop}. Person go answer you with SMS.",
        person_by_dialling="Your message don reach {shop}. Dial {code} again make you read the answer.",
        by_sms="The page address dey come by SMS for this phone.",
        nothing="Nothing new dey here.",
    ),
    "sw": Words(
        back="Rudi",
        home="Mwanzo",
        more="Zaidi",
        welcome_back="Karibu tena {shop}.",
        go_on="Endelea ulipoachia",
        start_over="Anza upya",
        working="Bado ninashughulikia.",
        see_answer="Ona jibu",
        write_to_person="Mhudumu wa {shop} anakujibu. Andika ujumbe wako:",
        person_by_sms="Ujumbe wako umefika {shop}. Mhudumu atakujibu kwa SMS.",
        person_by_dialling="Ujumbe wako umefika {shop}. Piga {code} tena usome jibu la mhudumu.",
        by_sms="Anwani ya ukurasa inakuja kwa SMS kwenye simu hii.",
        nothing="Hakuna jipya hapa.",
    ),
    "fr": Words(
        back="Retour",
        home="Menu",
        more="Suite",
        welcome_back="Bon retour chez {shop}.",
        go_on="Reprendre où vous étiez",
        start_over="Recommencer",
        working="Un instant, je cherche encore.",
        see_answer="Voir la réponse",
        write_to_person="Une personne de {shop} vous répond. Tapez votre message :",
        person_by_sms="{shop} a votre message. Une personne vous répondra par SMS.",
        person_by_dialling="{shop} a votre message. Composez {code} à nouveau pour lire la réponse.",
        by_sms="L'adresse de la page arrive par SMS sur ce téléphone.",
        nothing="Il n'y a rien de nouveau ici.",
    ),
    "ha": Words(
        back="Baya",
        home="Farko",
        more="Gaba",
        welcome_back="Barka da dawowa {shop}.",
        go_on="Ci gaba daga inda ka tsaya",
        start_over="Fara sabo",
        working="Ina kan aiki har yanzu.",
        see_answer="Duba amsa",
        write_to_person="Wani a {shop} yana amsa maka. Rubuta sakonka:",
        person_by_sms="Sakonka ya isa {shop}. Wani zai amsa maka ta SMS.",
        person_by_dialling="Sakonka ya isa {shop}. Sake buga {code} ka karanta amsar.",
        by_sms="Adireshin shafin na zuwa ta SMS a wannan waya.",
        nothing="Babu wani sabon abu a nan.",
    ),
    "yo": Words(
        back="Pada",
        home="Ibere",
        more="Siwaju",
        welcome_back="Kaabo pada si {shop}.",
        go_on="Tesiwaju nibi ti o duro",
        start_over="Bere lotun",
        working="Mo si n sise lori e.",
        see_answer="Wo idahun",
        write_to_person="Enikan ni {shop} n da o lohun. Te oro re:",
        person_by_sms="Oro re ti de {shop}. Enikan yoo da o lohun nipa SMS.",
        person_by_dialling="Oro re ti de {shop}. Tun pe {code} lati ka idahun.",
        by_sms="Adiresi oju ewe naa n bo nipa SMS si foonu yii.",
        nothing="Ko si ohun tuntun nibi.",
    ),
}
UNAVAILABLE = "Sorry, the shop can't be reached just now. Nothing is lost. Please dial again in a moment."
"""When nothing answers, not even what would tell the shopper's language."""


def words_in(*languages: Optional[str]) -> Words:
    """The words in the first of ``languages`` there are some in, else English."""
    known = next((language for language in languages if language in WORDS), "en")
    return WORDS[known or "en"]
