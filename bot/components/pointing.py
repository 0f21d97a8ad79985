"""Words that point at one of several things by how it differs: "the cheaper one", "both", "no, the other".

``pointed_by`` says which of ``cheapest``, ``dearest``, ``other``, ``both`` and ``same`` a text means, in the
languages that are spoken here. What was shown, and so which thing that is, the actions know.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Dict, Optional, Pattern

from bot.components.letters import fold
from bot.components.lexicon import words

MOST_WORDS = 12
_ONE = r"(?:one|ones|own|type|option)"
_THE = r"(?:the|d|di|dat|that|de)"
_KINDS: Dict[str, str] = {
    "cheapest": rf"(?:less expensive|lower price|cheap(?:er|est)?|low cost) {_ONE}"
    rf"|{_THE} (?:cheaper|cheapest)"
    rf"|{_ONE} (?:wey|that|which)(?: is| dey|'s)? (?:cheap|less)\w*(?: pass)?|cheap pass"
    r"|(?:ya|ile|yenye|hiyo|cha|za) (?:ya )?(?:bei )?(?:ya )?(?:rahisi|nafuu|chini)(?: zaidi| kabisa)?"
    r"|(?:iliyo|lililo|kilicho) (?:rahisi|nafuu)(?: zaidi)?"
    r"|(?:la|le|l[ae]s|celle|celui)(?: -? ?la)? (?:moins chere?s?|plus abordable|moins couteu\w+)"
    r"|(?:mai|mafi|ya fi|ta fi) (?:araha|arha|sauki|saukin kudi|rahusa)"
    r"|(?:eyi|eyiti|ti) (?:to|ti o|o) (?:din owo|dinwo|poku|pooku|rorun lowo|kere lowo)(?: ju)?",
    "dearest": rf"(?:more|most) expensive {_ONE}|{_THE} (?:most expensive|expensive|costly) {_ONE}"
    rf"|{_THE} most expensive|{_ONE} wey cost pass"
    r"|(?:ya|ile|yenye) (?:ya )?(?:bei )?(?:ghali|ya juu)(?: zaidi)?"
    r"|(?:la|le|celle|celui) plus chere?|(?:mai|mafi|ya fi|ta fi) tsada|(?:eyi) (?:to|ti o) won(?: ju)?",
    "both": r"both(?: of (?:them|those|these))?|(?:the|di|all) two(?: of (?:them|those))?"
    r"|(?:zote|zile) (?:mbili|0)|vyote viwili|yote mawili|wote wawili"
    r"|(?:tous |toutes )?les deux|duka biyun?|dukansu biyu|biyun|mejeeji|mejeji",
    "other": rf"{_THE} other(?: {_ONE})?|other {_ONE}"
    r"|(?:ile|hiyo|lile|kile|yule) (?:nyingine|ingine|lingine|kingine)"
    r"|l ?' ?autre|dayan|dayar|daya din|eyi (?:yoo?ku|to ku|ti o ku)|ikeji",
    "same": rf"{_THE} same(?: (?:one|thing))? (?:again|please|pls)|same again|same (?:thing|one) again"
    r"|(?:one more|another|again)(?: one)? (?:of|like) (?:that|the same|it|this)"
    r"|(?:ile|hiyo) (?:ile|hiyo) tena|nyingine kama (?:hiyo|hii)|kama (?:hiyo|hii) tena|encore (?:la|le) meme"
    r"|la meme chose encore|(?:la|le) meme encore"
    r"|irinsa kuma|irin wannan kuma|shi kuma"
    r"|iru (?:e|re|eyi) (?:si|lekan|miran)(?: i)?|eyi kan naa lekan si",
}
_PATTERNS: Dict[str, Pattern[str]] = {
    kind: re.compile(rf"\b(?:{said})(?!\w)") for kind, said in _KINDS.items()
}
_EARLIER = re.compile(
    r"\b(?:last|before|previous|usual|yesterday|week|order|oda|commande|mara ya|juzi|derniere|d'habitude|baya"
    r"|karshe|tele|koja)\b"
)
_TAKING = words(
    "give take add want need get buy pack carry bring put have choose pick select nipe nataka niwekee weka"
    " ongeza nichukue chukua naomba nitachukua prends prendre veux donnez donne mettez mets ajoutez ajoute"
    " voudrais bani zan dauka so kawo saka fun fe ra mu gbe"
)
_FILLERS = words(
    "ok okay please pls abeg no nope nah not that this these those then oya just i ill i'll ll me my will"
    " would like the a an one ones na it for instead rather of them o sir ma us let let's dat dis"
    " hapana siyo sio si hiyo hii ile basi tafadhali mimi ni non pas ca cela celle celui la le svp plait s il"
    " te vous je j alors plutot en mais a'a a ba wannan wancan don allah to ni ina na shi ita rara kii se yen"
    " mo e mi jowo ejo ni ti is"
)
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")


@dataclass(frozen=True)
class Pointer:
    """What is pointed at. ``is_all``: nothing else is said; ``is_taken``: it is asked for as well."""

    kind: str
    is_all: bool
    is_taken: bool


def pointed_by(text: str) -> Optional[Pointer]:
    """How ``text`` points at one of several things; None when it doesn't."""
    said = fold(text)
    if len(_WORD.findall(said)) > MOST_WORDS:
        return None
    for kind, pattern in _PATTERNS.items():
        found = pattern.search(said)
        if found and not (kind == "same" and _EARLIER.search(said)):
            rest = _WORD.findall(said[: found.start()] + " " + said[found.end() :])
            is_all = all(word in _FILLERS | _TAKING for word in rest)
            return Pointer(kind, is_all, any(word in _TAKING for word in rest))
    return None
