"""How many parts a text message is sent in, as networks count (3GPP TS 23.038)."""

GSM = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
DOUBLE = set("\f^{}\\[~]|€")


def count_parts(text: str) -> int:
    """1 for up to 160 letters of GSM-7 or 70 of UCS-2, then one for every 153 or 67 begun."""
    if set(text) <= GSM | DOUBLE:
        length, alone, joined = sum(2 if letter in DOUBLE else 1 for letter in text), 160, 153
    else:
        length, alone, joined = len(text.encode("utf-16-le")) // 2, 70, 67
    return 1 if length <= alone else -(-length // joined)
