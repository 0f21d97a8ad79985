"""How it shall come and be paid, in the words of six languages, as an answer to being asked."""

import re
import unicodedata

# One phrase a line or between bars; accents are taken off before they are looked for.
_PICKUP = r"""
pick\s?-?up|pick (?:it|am|them)|collect|come (?:carry|pick|get|take|collect)
i go (?:come|carry|pick)|(?:i'?ll|i will) come|kuchukua|nitachukua|nitakuja|nachukua|retrait|retirer
passe(?:r|rai)?|chercher|recuper\w+|viens|dauka|dauko|zan zo|karba da kaina|wa gbe|wa mu|maa wa
funra|fun ra
"""
_DELIVERY = r"""
deliver\w*|bring|send|my (?:house|place|home|office)|waybill|niletew\w*|nilete\w*|leteni|mlete\w*
kuletewa|tuma|livr\w+|envoy\w+|domicile|chez moi|kawo|kai min|gida|gbe e wa|gbe wa|e gbe|mu wa
ile mi
"""
_CASH_ON_DELIVERY = r"""
cash|on delivery|when (?:e|it|i|you)|taslimu|pesa mkononi|ikifika|nikipokea|mkifika|espece\w*
liquide|a la (?:livraison|reception)|hannu|tsaba\w*|idan (?:an|ka|kun|na|ya)|owo lowo|lowo|ti e ba
to ba de
"""
_PAY_LINK = r"""
online|link|card|transfer|mobile money|bank|m-?pesa|mtandao\w*|kadi|simu|en ligne|lien|carte
virement|wave|orange money|momo|intanet|yanar gizo|kati|ayelujara|kaadi|banki
"""
# Of two that fit, the first is meant.
_WORDS = {
    "delivery_method": (("pickup", _PICKUP), ("delivery", _DELIVERY)),
    "payment_method": (("cash_on_delivery", _CASH_ON_DELIVERY), ("pay_link", _PAY_LINK)),
}


def method_in(text: str, asked: str) -> str | None:
    """The ``delivery_method`` or ``payment_method`` a text names; None when it names none."""
    letters = unicodedata.normalize("NFKD", text.lower().replace("ɗ", "d").replace("ƙ", "k"))
    said = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return next((method for method, words in _WORDS[asked] if _says(said, words)), None)


def _says(said: str, words: str) -> bool:
    phrases = "|".join(words.split("\n")[1:-1])
    return re.search(rf"\b(?:{phrases})\b", said) is not None
