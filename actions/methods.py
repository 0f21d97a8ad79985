"""How it shall come and be paid, in the words of six languages, as an answer to being asked."""

import re
import unicodedata

# Accents are taken off before these are looked for; of two that fit, the first is meant.
_WORDS = {
    "delivery_method": (
        (
            "pickup",
            r"pick\s?-?up|pick (?:it|am|them)|collect|come (?:carry|pick|get|take|collect)|i go (?:come|carry|pick)"
            r"|(?:i'?ll|i will) come|kuchukua|nitachukua|nitakuja|nachukua|retrait|retirer|passe(?:r|rai)?|chercher"
            r"|recuper\w+|viens|dauka|dauko|zan zo|karba da kaina|wa gbe|wa mu|maa wa|funra|fun ra",
        ),
        (
            "delivery",
            r"deliver\w*|bring|send|my (?:house|place|home|office)|waybill|niletew\w*|nilete\w*|leteni|mlete\w*"
            r"|kuletewa|tuma|livr\w+|envoy\w+|domicile|chez moi|kawo|kai min|gida|gbe e wa|gbe wa|e gbe|mu wa|ile mi",
        ),
    ),
    "payment_method": (
        (
            "cash_on_delivery",
            r"cash|on delivery|when (?:e|it|i|you)|taslimu|pesa mkononi|ikifika|nikipokea|mkifika|espece\w*|liquide"
            r"|a la (?:livraison|reception)|hannu|tsaba\w*|idan (?:an|ka|kun|na|ya)|owo lowo|lowo|ti e ba|to ba de",
        ),
        (
            "pay_link",
            r"online|link|card|transfer|mobile money|bank|m-?pesa|mtandao\w*|kadi|simu|en ligne|lien|carte|virement"
            r"|wave|orange money|momo|intanet|yanar gizo|kati|ayelujara|kaadi|banki",
        ),
    ),
}


def method_in(text: str, asked: str) -> str | None:
    """The ``delivery_method`` or ``payment_method`` a text names; None when it names none."""
    letters = unicodedata.normalize("NFKD", text.lower().replace("ɗ", "d").replace("ƙ", "k"))
    said = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return next((method for method, words in _WORDS[asked] if re.search(rf"\b(?:{words})\b", said)), None)
