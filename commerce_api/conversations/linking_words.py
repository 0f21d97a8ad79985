"""What a shopper reads when two of their chats are brought together, and how they ask for it."""

CHANNELS = {"whatsapp": "WhatsApp", "instagram": "Instagram", "sms": "SMS", "ussd": "USSD", "shell": "shell"}

# Whole messages, as `consent.normalised` spells them.
ASKS = frozenset(
    {
        "link chats",
        "link my chats",
        "link my chat",
        "join my chats",
        "unganisha mazungumzo",
        "unganisha mazungumzo yangu",
        "relier mes discussions",
        "relier mes conversations",
    }
)

GIVEN = {
    "en": "To bring your chats with {shop} together, send this from the other one within 15 minutes:\n"
    "LINK {code}\nIt shows your cart and orders there, so give it to nobody.",
    "pcm": "To join your chats with {shop}, send dis one from the other chat before 15 minutes:\n"
    "LINK {code}\nE go show your cart and orders there, so no give am to anybody.",
    "sw": "Kuunganisha mazungumzo yako na {shop}, tuma hii kutoka mazungumzo mengine ndani ya dakika 15:\n"
    "LINK {code}\nItaonyesha kikapu na oda zako huko, kwa hiyo usimpe mtu yeyote.",
    "fr": "Pour relier vos discussions avec {shop}, envoyez ceci depuis l'autre dans les 15 minutes :\n"
    "LINK {code}\nVotre panier et vos commandes y apparaîtront : ne le donnez à personne.",
    "ha": "Don haɗa hirarku da {shop}, aika wannan daga ɗayar hirar cikin minti 15:\n"
    "LINK {code}\nZai nuna kwandonka da odarka a can, don haka kada ka ba kowa.",
    "yo": "Láti so ìjíròrò rẹ pẹ̀lú {shop} pọ̀, fi èyí ránṣẹ́ láti inú èkejì láàrin ìṣẹ́jú 15:\n"
    "LINK {code}\nYóò fi àpẹ̀rẹ̀ àti àwọn ìbéèrè ọjà rẹ hàn níbẹ̀, má fún ẹnikẹ́ni.",
}

LINKED = {
    "en": "Done: this chat and your {channel} chat with {shop} are one now."
    " Products in your cart: {cart}. Orders: {orders}. If it wasn't you, tell us here.",
    "pcm": "E don do: this chat and your {channel} chat with {shop} na one now."
    " Things wey dey your cart: {cart}. Orders: {orders}. If no be you do am, tell us here.",
    "sw": "Tayari: mazungumzo haya na ya {channel} na {shop} sasa ni kitu kimoja."
    " Bidhaa kikapuni: {cart}. Oda: {orders}. Kama si wewe, tuambie hapa.",
    "fr": "C'est fait : cette discussion et votre discussion {channel} avec {shop} n'en font plus qu'une."
    " Articles dans votre panier : {cart}. Commandes : {orders}. Si ce n'était pas vous, dites-le-nous ici.",
    "ha": "An gama: wannan hira da hirarka ta {channel} da {shop} sun zama ɗaya."
    " Kaya a kwandonka: {cart}. Oda: {orders}. Idan ba kai ba ne, ka gaya mana a nan.",
    "yo": "Ó ti parí: ìjíròrò yìí àti ti {channel} rẹ pẹ̀lú {shop} ti di ọ̀kan."
    " Ọjà inú àpẹ̀rẹ̀ rẹ: {cart}. Ìbéèrè ọjà: {orders}. Bí kì í bá ṣe ìwọ, sọ fún wa níbí.",
}

WRONG = {
    "en": "That code isn't good, or no longer. Write LINK MY CHATS in the other chat for a new one.",
    "pcm": "That code no correct, or e don expire. Write LINK MY CHATS for the other chat to get new one.",
    "sw": "Msimbo huo si sahihi, au muda wake umeisha."
    " Andika UNGANISHA MAZUNGUMZO kwenye mazungumzo mengine upate mpya.",
    "fr": "Ce code n'est pas valable, ou plus. Écrivez RELIER MES DISCUSSIONS dans l'autre discussion"
    " pour en recevoir un nouveau.",
    "ha": "Wannan lambar ba daidai ba ce, ko lokacinta ya wuce."
    " Rubuta LINK MY CHATS a ɗayar hirar don sabuwa.",
    "yo": "Àmì náà kò tọ́, tàbí àkókò rẹ̀ ti kọjá. Kọ LINK MY CHATS nínú ìjíròrò kejì láti gba tuntun.",
}


def language(words: dict[str, str], *languages: str | None) -> str:
    """The first of ``languages`` that ``words`` has, else English."""
    return next((one for one in languages if one in words), "en")
