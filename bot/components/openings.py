"""How a message opens: the greeting before what is wanted; and whether it has any words at all."""

from __future__ import annotations

import re

from bot.components.letters import fold
from bot.components.lexicon import words

_TOKEN = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_VOWEL = re.compile(r"[aeiouy0-9]")
_LEAST = 2
"""Words that must follow a greeting: one alone is rather a name."""
_LONG_ENOUGH = 3
# What a greeting is made of, in the languages spoken here, with whom it is said to.
_GREETING = words(
    "hello helo hellow hi hii hey heya heyy good gud gm morning mornin afternoon evening evenin day"
    " greetings sup how far o oo ooo xup wassup howfar today doing things work family body bonjour bonsoir"
    " bjr bsr salut coucou cava ca va bien comment allez vous habari yako zako za asubuhi mchana jioni leo"
    " ya gani jambo hujambo mambo vipi sasa niaje salama shikamoo poa salamu salaam alaikum assalamu salam"
    " sannu barka da zuwa kwana yini wuni yamma safiya rana yau kuke kike aiki gajiya lafiya e ku kaaro"
    " kaasan kaale irole ojo pele aaro osan ale se daadaa ni bawo boss oga madam madame sir ma mama aunty"
    " auntie sister bro brother uncle dear friend my please pls abeg customer alhaji hajia hajiya monsieur"
    " tonton tantie patron patronne dada kaka mzee rafiki ndugu shop there all everyone mummy iya egbon"
    " mai shago"
)
# These go with what stands behind them: "how are you", "how una dey", but "una get rice".
_EITHER = words("are you u una dey is am i we do ina e na")


def behind_greeting(text: str) -> str:
    """What follows the greeting that ``text`` begins with; empty when hardly anything does."""
    said = [(fold(found[0]), found.start()) for found in _TOKEN.finditer(text)]
    first = next((at for at, (word, _) in enumerate(said) if word not in _GREETING | _EITHER), len(said))
    if first == len(said):
        return ""
    while first and said[first - 1][0] in _EITHER:
        first -= 1
    return text[said[first][1] :] if first and len(said) - first >= _LEAST else ""


def is_no_word(text: str) -> bool:
    """Whether every word of the text is letters nobody could say: "hgfd wqx bnm"."""
    said = [fold(word) for word in _TOKEN.findall(text)]
    return bool(said) and all(len(word) >= _LONG_ENOUGH and not _VOWEL.search(word) for word in said)
