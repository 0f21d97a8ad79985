"""What a shopper reads when a turn died.

The only shopper's words outside ``bot/domain.yml``: when the assistant is down, it can't say that it is.
"""

WORDS = {
    "en": "Sorry, something went wrong here. I've asked a person at {shop} to help; they'll answer here.",
    "pcm": "Abeg no vex, something spoil for my side. I don call person for {shop}; dem go answer you here.",
    "sw": "Samahani, kuna tatizo upande wangu. Nimemwomba mhudumu wa {shop} akusaidie; atakujibu hapa.",
    "fr": "Désolé, j'ai eu un problème. J'ai prévenu une personne de {shop} ; elle vous répondra ici.",
    "ha": "Yi haƙuri, an samu matsala a wurina. Na nemi wani a {shop} ya taimaka maka; zai amsa maka a nan.",
    "yo": "Má bínú, ìṣòro kan wáyé. Mo ti ní kí ẹnìkan ní {shop} ràn ọ́ lọ́wọ́; wọn yóò dá ọ lóhùn níbí.",
}


def words(shop: str, *languages: str | None) -> str:
    """The holding message in the first of ``languages`` there is one in, else English."""
    language = next((language for language in languages if language in WORDS), "en")
    return WORDS[language].format(shop=shop)
