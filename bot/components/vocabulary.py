"""The words of amounts, in the six languages of the market, as people type them: without accents.

Numbers, units, halves and limits of every language count in every message, since shoppers mix them. Which
words carry a request or part two things depends on the language, where the same letters mean other things.
"""

from __future__ import annotations

from typing import Dict, FrozenSet, Tuple


def _numbered(text: str, first: int = 1, step: int = 1) -> Dict[str, int]:
    """Words by number: groups are parted by commas, the words of a group mean the same."""
    return {
        word: first + step * place for place, group in enumerate(text.split(",")) for word in group.split()
    }


def _set(text: str) -> FrozenSet[str]:
    return frozenset(text.split())


NUMBERS: Dict[str, int] = {
    # French
    **_numbered(
        "un une, deux, trois, quatre, cinq, six, sept, huit, neuf, dix, onze, douze, treize, quatorze"
    ),
    "quinze": 15,
    "seize": 16,
    "vingt": 20,
    "trente": 30,
    "quarante": 40,
    "cinquante": 50,
    "soixante": 60,
    "cent": 100,
    "mille": 1000,
    "douzaine": 12,
    "douzaines": 12,
    "dizaine": 10,
    "quinzaine": 15,
    # Swahili, with the noun classes numbers agree with
    **_numbered(
        "moja mmoja kimoja limoja, mbili wawili mawili viwili miwili, tatu watatu matatu vitatu mitatu,"
        " nne wanne manne vinne minne, tano watano matano vitano mitano, sita, saba,"
        " nane wanane manane vinane, tisa, kumi"
    ),
    **_numbered("ishirini, thelathini, arobaini, hamsini, sitini, sabini, themanini, tisini", 20, 10),
    "mia": 100,
    "elfu": 1000,
    "dazani": 12,
    "dazeni": 12,
    # Hausa
    **_numbered("daya guda-daya, biyu, uku, hudu, biyar, shida, bakwai, takwas, tara, goma"),
    "ashirin": 20,
    "talatin": 30,
    "arbain": 40,
    "hamsin": 50,
    "dari": 100,
    "dubu": 1000,
    "dozin": 12,
    # Yoruba
    **_numbered("okan kan, meji, meta, merin, marun marunun, mefa, meje, mejo, mesan mesanan, mewa"),
    "ogun": 20,
    "ogbon": 30,
    "dosini": 12,
}
# In Swahili and Hausa a thousand comes before how many there are of it, elsewhere after.
SCALES_BEFORE = {"elfu": 1000, "mia": 100, "dubu": 1000, "dari": 100}
SCALES_AFTER = {"hundred": 100, "cent": 100, "mille": 1000, "thousand": 1000}
DOZENS = _set("douzaine douzaines dazani dazeni dozin dosini")
HALVES = _set("demi demie nusu rabi idaji")

UNITS: Dict[str, str] = {
    word: name
    for name, said in {
        "yard": "yadi yaadi",
        "metre": "mita",
        "kg": "kilos",
        "litre": "lita litres",
        "bag": "sac sacs mfuko mifuko buhu buhun apo",
        "sack": "gunia magunia",
        "carton": "cartons katoni kwali paali",
        "box": "boite boites sanduku",
        "bundle": "botte bottes fungu mafungu kulle",
        "pack": "paquet paquets pakiti paketi fakiti sachets",
        "piece": "pieces morceau morceaux kipande vipande guda",
        "pair": "paire paires jozi",
        "bottle": "bouteille bouteilles chupa kwalba igo",
        "tin": "boite-de-conserve kopo makopo gwangwani agolo",
        "tray": "plateau plateaux trei kiret",
        "cup": "tasse tasses kikombe vikombe kofin",
        "derica": "derika",
        "mudu": "mudun kwano kwanon modu",
        "paint": "fenti",
        "congo": "kongo",
        "debe": "madebe",
        "gorogoro": "gorogoros",
    }.items()
    for word in said.split()
}
COLOURS = _set(
    """
    rouge rouges bleu bleue bleus bleues noir noire noirs noires blanc blanche blancs blanches vert
    verte verts vertes jaune jaunes rose roses gris grise marron violet violette dore doree orangee
    nyekundu bluu buluu nyeusi nyeupe kijani njano manjano waridi kahawia zambarau ja jar shudi
    shudin baki bakin fari farin kore koren rawaya yelo
    """
)
SIZES: Dict[str, str] = {
    **dict.fromkeys(_set("grand grande grands grandes kubwa kikubwa mkubwa babba babban nla tobi"), "large"),
    **dict.fromkeys(_set("petit petite petits petites ndogo kidogo mdogo karami karamin kekere"), "small"),
}
# What comes before an amount that must not be passed; longer ones first.
LIMITS: Tuple[str, ...] = (
    "moins de",
    "a moins de",
    "en dessous de",
    "pas plus de",
    "maximum",
    "chini ya",
    "isiyozidi",
    "zisizozidi",
    "kasa da",
    "bai wuce",
    "to din ni",
    "ti ko ju",
    "ko ju",
    "no pass",
    "wey no reach",
)

SEPARATORS: Dict[str, FrozenSet[str]] = {
    "en": _set("and plus also then n"),
    "pcm": _set("and plus also then join n"),
    "sw": _set("na pia pamoja halafu kisha plus"),
    "fr": _set("et plus puis aussi ainsi"),
    "ha": _set("da kuma tare"),
    "yo": _set("ati pelu tun"),
}
CARRIERS: Dict[str, FrozenSet[str]] = {
    "pcm": _set(
        """
        abeg give gimme put carry take buy wan want i me my am na for make join una dey get oya
        bring pack drop measure cut sell e be o sef jare kuku sharp reserve send collect go
        """
    ),
    "sw": _set(
        """
        nataka nipe naomba nahitaji ongeza ongezea weka niwekee niongezee nipimie nikatie nipakie
        lete nileteeni leteni nitumie nichukulie chukua nachukua nitachukua nitanunua kununua
        kuagiza agiza nunua niuzie ninunue ya za la wa cha vya ile hiyo hii hizo hizi tafadhali kwa
        kwenye kikapu kikapuni nyingine zaidi je kuna mna mko bei gani ngapi ni shilingi pesa toa
        ondoa futa sitaki tena sihitaji fanya iwe ziwe badilisha nionyeshe natafuta nione napenda tu
        pia yangu wangu changu zangu basi sawa halo habari
        """
    ),
    "fr": _set(
        """
        je j' prends voudrais veux vais prendre donnez donne moi mettez mets ajoutez ajoute aussi il
        faut me te svp stp s'il vous plait de du des d' la le les l' un une au aux dans panier mon
        ma mes pour avec encore commande commandez envoyez envoie reservez emballez coupez achete
        acheter besoin ai avez vous est-ce que qu' enlevez enleve retirez retire supprimez otez
        combien coute prix c'est cest ca fait cherche ok bonjour bonsoir salut alors bon en y a plus
        changez passez modifiez finalement plutot
        """
    ),
    "ha": _set(
        """
        bani ba ni ina so son in zan saya sayi saka min kara mini na ta a kawo turo auna yanka sayar
        shirya ajiye hada don allah nake bukatar bukata nawa ne kudin farashin cire fitar bana ku
        kuma wannan dayan kwando kwandona cikin daga akwai kuna nuna nema neman nemo to sannu oda yi
        zuwa mayar canza ya zama
        """
    ),
    "yo": _set(
        """
        e mo mi fun ni fe ra fi kun si un ko gbe wa ge won di ta jo jowo ejo ma mu yo kuro mo o se
        in wa ati nibo elo iye owo ba wo fe-ra je ki n ri han bee beeni pele sinu apere cart cart-mi
        ninu
        """
    ),
}
