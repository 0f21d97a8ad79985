"""The words of consent, as data: what shoppers say, and what they read.

A word counts only when it is the whole message; spelled with or without marks, in any case, with any
punctuation. Sources of the carriers' own words: Twilio "Advanced Opt-Out" and "Support for opt-out keywords
(SMS STOP filtering)"; CTIA "Messaging Principles and Best Practices" for what STOP, START and HELP must do.
"""

# Mean nothing else in a shop, so they count on every channel.
STOP = {
    "en": ("stop", "stopall", "stop all", "unsubscribe", "opt out", "optout", "stop messages"),
    "pcm": ("stop am", "no send again", "no message me again", "comot me"),
    "sw": ("acha", "simamisha", "komesha", "jiondoe", "sitaki ujumbe"),
    "fr": ("arrêt", "arrêter", "stopper", "désabonner", "se désabonner", "désinscrire", "désinscription"),
    "ha": ("daina", "ku daina", "daina aiko", "dakatar"),
    "yo": ("dúró", "ẹ dúró", "dáwọ́dúró", "dáwọ́ dúró", "má fi ránṣẹ́ mọ́"),
}
# May also answer a question ("cancel the order?"), so they count by SMS alone: where the carrier itself acts
# on them whatever we think, or when nothing is being asked.
STOP_BY_SMS = {
    "en": ("cancel", "end", "quit", "revoke"),
    "pcm": ("end am",),
    "sw": ("maliza", "ghairi"),
    "fr": ("fin", "annuler", "quitter"),
    "ha": ("tsaya", "ƙare"),
    "yo": ("parí",),
}
# Of those, what Twilio acts on.
TWILIO_STOPS = frozenset({"cancel", "end", "quit", "revoke"})
# Count only after a STOP; before, they are ordinary words.
START = {
    "en": ("start", "unstop", "resume", "subscribe", "start again"),
    "pcm": ("start am", "continue am"),
    "sw": ("anza", "anza tena", "endelea", "rudisha"),
    "fr": ("démarrer", "commencer", "reprendre", "recommencer", "réabonner"),
    "ha": ("fara", "sake farawa", "ci gaba"),
    "yo": ("bẹ̀rẹ̀", "tún bẹ̀rẹ̀", "ẹ bẹ̀rẹ̀"),
}
# Twilio takes a stop back at this word as well.
TWILIO_STARTS = frozenset({"yes"})
# By SMS alone: elsewhere the assistant has a better answer.
HELP = {
    "en": ("help", "info"),
    "pcm": ("help me", "abeg help"),
    "sw": ("msaada", "usaidizi"),
    "fr": ("aide", "à l'aide"),
    "ha": ("taimako", "taimaka"),
    "yo": ("ìrànlọ́wọ́", "ẹ ràn mí lọ́wọ́"),
}

STOPPED = {
    "en": "{shop}: you'll get no more messages from us here. Reply START to get them again.",
    "pcm": "{shop}: we no go send you message here again. Reply START if you wan dey get am again.",
    "sw": "{shop}: hutapokea tena ujumbe wetu hapa. Jibu START ukitaka kuupokea tena.",
    "fr": "{shop} : vous ne recevrez plus de messages de notre part ici. Répondez START pour les recevoir.",
    "ha": "{shop}: ba za mu ƙara aiko maka saƙo a nan ba. Ka amsa START idan kana so mu ci gaba.",
    "yo": "{shop}: a kò ní fi ìfiránṣẹ́ ránṣẹ́ sí ọ níbí mọ́. Fèsì START láti máa gbà wọ́n padà.",
}
STARTED = {
    "en": "{shop}: welcome back! You'll get our messages here again. Reply STOP to end them.",
    "pcm": "{shop}: welcome back! We go dey message you here again. Reply STOP to end am.",
    "sw": "{shop}: karibu tena! Utapokea ujumbe wetu hapa. Jibu STOP kuusimamisha.",
    "fr": "{shop} : content de vous revoir ! Vous recevrez à nouveau nos messages. STOP pour arrêter.",
    "ha": "{shop}: barka da dawowa! Za mu ci gaba da aiko maka saƙo a nan. Ka amsa STOP don dainawa.",
    "yo": "{shop}: ẹ káàbọ̀ padà! Ìwọ yóò máa gba ìfiránṣẹ́ wa níbí. Fèsì STOP láti dá a dúró.",
}
HELPED = {
    "en": "This is {shop}'s shop by message. Ask for what you want to buy. To reach a person, write:"
    " talk to a person. To get no more messages, reply STOP.",
    "pcm": "Na {shop} shop be dis. Tell us wetin you wan buy. To see person, write: I wan talk to person."
    " If you no want message again, reply STOP.",
    "sw": "Hapa ni duka la {shop}. Andika unachotaka kununua. Kuongea na mtu, andika: nataka kuongea na mtu."
    " Kuacha kupokea ujumbe, jibu STOP.",
    "fr": "Ici {shop}, la boutique par message. Écrivez ce que vous voulez acheter. Pour une personne,"
    " écrivez : parler à une personne. Pour ne plus rien recevoir, répondez STOP.",
    "ha": "Nan shagon {shop} ne ta saƙo. Rubuta abin da kake son saya. Don magana da mutum, rubuta: ina son"
    " magana da mutum. Don daina karɓar saƙo, amsa STOP.",
    "yo": "{shop} nìyí, ṣọ́ọ̀bù orí ìfiránṣẹ́. Kọ ohun tí o fẹ́ rà. Láti bá ènìyàn sọ̀rọ̀, kọ: mo fẹ́ bá ènìyàn"
    " sọ̀rọ̀. Láti má gba ìfiránṣẹ́ mọ́, fèsì STOP.",
}
SLOWED = {
    "en": "I'm reading your messages; give me a moment.",
    "pcm": "I dey read your messages; give me small time.",
    "sw": "Ninasoma ujumbe wako; nipe muda kidogo.",
    "fr": "Je lis vos messages ; laissez-moi un instant.",
    "ha": "Ina karanta saƙonninka; ka ɗan ba ni lokaci.",
    "yo": "Mo ń ka àwọn ìfiránṣẹ́ rẹ; fún mi ní ìṣẹ́jú díẹ̀.",
}


def say(words: dict[str, str], shop: str, *languages: str | None) -> str:
    """The sentence in the first of ``languages`` it is there in, else English."""
    language = next((language for language in languages if language in words), "en")
    return words[language].format(shop=shop)
