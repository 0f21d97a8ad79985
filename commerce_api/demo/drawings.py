"""Product photos for the demo sellers, drawn by us so that nothing is borrowed.

``draw`` gives a JPEG of 800 × 800 pixels: a simple picture of the kind of thing, in two colours,
on a soft ground. It is drawn at twice the size and scaled down, which smooths the edges.
"""

import io
import random
import zlib
from collections.abc import Callable
from math import cos, radians, sin

from PIL import Image, ImageColor, ImageDraw, ImageFilter

SIZE = 800
SCALE = 2
Colour = tuple[int, int, int]
Pen = ImageDraw.ImageDraw


def draw(kind: str, colour: str, accent: str, *, seed: str) -> bytes:
    """A JPEG of ``kind`` (a key of ``KINDS``) in two ``#rrggbb`` colours; one ``seed``, one picture.

    Raises KeyError for a kind nobody has drawn.
    """
    main, second = _rgb(colour), _rgb(accent)
    side = SIZE * SCALE
    picture = Image.new("RGB", (side, side), _mix(second, (255, 255, 255), 0.72))
    _shadow(picture)
    dice = random.Random(zlib.crc32(seed.encode()))  # noqa: S311 -- a pattern, not a secret
    KINDS[kind](ImageDraw.Draw(picture), main, second, dice)
    out = io.BytesIO()
    picture.resize((SIZE, SIZE), Image.Resampling.LANCZOS).save(out, "JPEG", quality=85)
    return out.getvalue()


def _rgb(colour: str) -> Colour:
    red, green, blue = ImageColor.getrgb(colour)[:3]
    return red, green, blue


def _mix(one: Colour, other: Colour, share: float) -> Colour:
    red, green, blue = (round(a * (1 - share) + b * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def _dark(colour: Colour) -> Colour:
    return _mix(colour, (0, 0, 0), 0.3)


def _light(colour: Colour) -> Colour:
    return _mix(colour, (255, 255, 255), 0.35)


def _shadow(picture: Image.Image) -> None:
    mask = Image.new("L", picture.size, 0)
    ImageDraw.Draw(mask).ellipse((320, 1280, 1280, 1440), fill=90)
    picture.paste((60, 50, 40), mask=mask.filter(ImageFilter.GaussianBlur(30)))


def _fabric(pen: Pen, main: Colour, accent: Colour, dice: random.Random) -> None:
    pen.polygon([(300, 420), (1180, 300), (1330, 1180), (420, 1330)], fill=main)
    step = dice.choice((150, 180, 210))
    radius = step // 3
    for row in range(6):
        for column in range(6):
            x = 390 + column * step + row * 22 + (step // 2 if row % 2 else 0)
            y = 450 + row * step - column * 20
            if x > 1230 or y > 1190:
                continue
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=accent)
            inner = radius // 2
            pen.regular_polygon((x, y, inner), dice.choice((3, 4, 6)), fill=_dark(main))
    pen.polygon([(1180, 300), (1290, 350), (1420, 1160), (1330, 1180)], fill=_dark(main))
    pen.polygon([(420, 1330), (1330, 1180), (1420, 1160), (520, 1400)], fill=_mix(main, accent, 0.4))


def _sack(pen: Pen, main: Colour, accent: Colour, _: random.Random) -> None:
    pen.rounded_rectangle((430, 480, 1170, 1360), 150, fill=main)
    pen.polygon([(520, 520), (600, 330), (1000, 330), (1080, 520)], fill=main)
    pen.polygon([(600, 330), (560, 250), (1040, 250), (1000, 330)], fill=_dark(main))
    pen.rounded_rectangle((560, 480, 1040, 520), 20, fill=_dark(main))
    pen.rounded_rectangle((570, 730, 1030, 1150), 60, fill=accent)
    for place in range(5):
        x = 660 + place * 70
        pen.ellipse((x - 18, 880, x + 18, 990), fill=_dark(accent))
    pen.line((650, 1060, 950, 1060), fill=_dark(accent), width=14)


def _bottle(pen: Pen, main: Colour, accent: Colour, _: random.Random) -> None:
    pen.rounded_rectangle((720, 220, 880, 330), 20, fill=_dark(main))
    pen.rectangle((735, 330, 865, 470), fill=_light(main))
    pen.rounded_rectangle((590, 450, 1010, 1380), 110, fill=main)
    pen.rounded_rectangle((590, 760, 1010, 1130), 20, fill=accent)
    pen.ellipse((710, 850, 890, 1040), fill=main)
    pen.rounded_rectangle((640, 520, 680, 720), 20, fill=_light(main))


def _keg(pen: Pen, main: Colour, accent: Colour, _: random.Random) -> None:
    pen.rounded_rectangle((480, 420, 1120, 1380), 90, fill=main)
    pen.rounded_rectangle((900, 280, 1040, 430), 25, fill=_dark(main))
    pen.arc((540, 250, 860, 600), 180, 360, fill=_dark(main), width=60)
    pen.rounded_rectangle((560, 760, 1040, 1130), 30, fill=accent)
    pen.ellipse((690, 830, 910, 1060), fill=main)


def _jar(pen: Pen, main: Colour, accent: Colour, dice: random.Random) -> None:
    pen.rounded_rectangle((500, 500, 1100, 1370), 120, fill=_mix(main, (255, 255, 255), 0.55))
    pen.rounded_rectangle((530, 640, 1070, 1340), 100, fill=main)
    pen.rounded_rectangle((520, 350, 1080, 510), 40, fill=_dark(accent))
    for _ in range(60):
        x, y = dice.randint(570, 1020), dice.randint(680, 1290)
        pen.ellipse((x - 12, y - 12, x + 12, y + 12), fill=_light(main))
    pen.rounded_rectangle((620, 860, 980, 1130), 30, fill=accent)


def _tin(pen: Pen, main: Colour, accent: Colour, _: random.Random) -> None:
    pen.rectangle((520, 420, 1080, 1290), fill=main)
    pen.ellipse((520, 1200, 1080, 1380), fill=main)
    pen.rectangle((520, 680, 1080, 1060), fill=accent)
    pen.ellipse((520, 330, 1080, 510), fill=(214, 218, 222))
    pen.ellipse((590, 360, 1010, 480), fill=(190, 195, 200))
    pen.ellipse((680, 740, 920, 1000), fill=main)


def _box(pen: Pen, main: Colour, accent: Colour, _: random.Random) -> None:
    pen.polygon([(480, 420), (1000, 420), (1000, 1370), (480, 1370)], fill=main)
    pen.polygon([(1000, 420), (1150, 330), (1150, 1270), (1000, 1370)], fill=_dark(main))
    pen.polygon([(480, 420), (630, 330), (1150, 330), (1000, 420)], fill=_light(main))
    pen.rounded_rectangle((540, 620, 940, 1000), 50, fill=accent)
    pen.ellipse((640, 700, 840, 920), fill=main)
    pen.line((560, 1120, 920, 1120), fill=accent, width=24)
    pen.line((560, 1200, 800, 1200), fill=accent, width=24)


def _spool(pen: Pen, main: Colour, accent: Colour, _: random.Random) -> None:
    pen.ellipse((520, 1180, 1080, 1380), fill=(196, 160, 110))
    pen.rectangle((590, 500, 1010, 1280), fill=main)
    for y in range(520, 1270, 36):
        pen.line((590, y, 1010, y + 18), fill=_mix(main, accent, 0.5), width=10)
    pen.ellipse((520, 380, 1080, 580), fill=(214, 178, 128))
    pen.ellipse((740, 450, 860, 510), fill=(120, 90, 60))


def _cap(pen: Pen, main: Colour, accent: Colour, _: random.Random) -> None:
    pen.pieslice((420, 420, 1180, 1500), 180, 360, fill=main)
    pen.polygon([(560, 640), (980, 430), (1180, 700), (700, 720)], fill=_light(main))
    pen.rounded_rectangle((420, 930, 1180, 1120), 30, fill=accent)
    for x in range(450, 1150, 70):
        pen.line((x, 940, x + 40, 1110), fill=_dark(accent), width=12)


def _yam(pen: Pen, main: Colour, accent: Colour, dice: random.Random) -> None:
    pen.rounded_rectangle((380, 640, 1220, 1160), 250, fill=main)
    pen.ellipse((980, 680, 1230, 1120), fill=accent)
    for _ in range(40):
        x, y = dice.randint(450, 950), dice.randint(690, 1110)
        pen.line((x, y, x + 26, y + 8), fill=_dark(main), width=7)


def _plantain(pen: Pen, main: Colour, accent: Colour, _: random.Random) -> None:
    for place in range(4):
        drop = place * 110
        pen.arc((400, 60 + drop, 1200, 960 + drop), 25, 155, fill=_mix(main, accent, place * 0.1), width=96)
    pen.rounded_rectangle((750, 820, 850, 1330), 40, fill=accent)


def _fish(pen: Pen, main: Colour, accent: Colour, _: random.Random) -> None:
    for lift in (0, 330):
        y = 560 + lift
        pen.polygon([(1050, y + 130), (1290, y - 20), (1290, y + 280)], fill=_dark(main))
        pen.ellipse((340, y, 1130, y + 260), fill=main)
        for x in range(560, 1000, 90):
            pen.arc((x, y + 50, x + 110, y + 210), 270, 90, fill=accent, width=12)
        pen.ellipse((430, y + 80, 480, y + 130), fill=(20, 20, 20))


def _eggs(pen: Pen, main: Colour, accent: Colour, _: random.Random) -> None:
    for row in range(3):
        for column in range(4):
            x, y = 360 + column * 220 + (60 if row % 2 else 0), 520 + row * 220
            pen.ellipse((x, y, x + 210, y + 250), fill=_mix(main, (255, 255, 255), 0.08 * row))
            pen.ellipse((x + 50, y + 45, x + 100, y + 110), fill=_light(main))
    pen.rounded_rectangle((320, 1170, 1320, 1370), 60, fill=accent)


def _beads(pen: Pen, main: Colour, accent: Colour, _: random.Random) -> None:
    for ring_size in (420, 330):
        box = (800 - ring_size, 830 - ring_size, 800 + ring_size, 830 + ring_size)
        pen.arc(box, 0, 360, fill=_dark(main), width=6)
        beads = 28 if ring_size > 400 else 22
        for place in range(beads):
            angle = place * 360 / beads
            x, y = _on_circle(800, 830, ring_size, angle)
            size = 44 if place % 3 else 56
            pen.ellipse((x - size, y - size, x + size, y + size), fill=main if place % 3 else accent)
            pen.ellipse((x - size // 2, y - size // 2, x - size // 5, y - size // 5), fill=_light(main))


def _on_circle(x: int, y: int, radius: int, degrees: float) -> tuple[int, int]:
    return round(x + radius * cos(radians(degrees))), round(y + radius * sin(radians(degrees)))


def _bag(pen: Pen, main: Colour, accent: Colour, dice: random.Random) -> None:
    pen.arc((560, 260, 1040, 1000), 180, 360, fill=_dark(accent), width=46)
    pen.polygon([(420, 640), (1180, 640), (1260, 1370), (340, 1370)], fill=main)
    for _ in range(16):
        x, y = dice.randint(450, 1130), dice.randint(800, 1280)
        pen.regular_polygon((x, y, 46), dice.choice((3, 4, 6)), fill=accent)
    pen.rectangle((420, 640, 1180, 730), fill=_dark(main))


def _soap(pen: Pen, main: Colour, accent: Colour, _: random.Random) -> None:
    pen.rounded_rectangle((400, 900, 1200, 1270), 90, fill=_dark(main))
    pen.rounded_rectangle((400, 760, 1200, 1180), 90, fill=main)
    pen.rounded_rectangle((540, 870, 1060, 1070), 60, outline=accent, width=20)
    for x, y, size in ((480, 560, 90), (640, 460, 60), (980, 540, 110), (820, 620, 44)):
        pen.ellipse((x - size, y - size, x + size, y + size), outline=_light(accent), width=12)


def _pot(pen: Pen, main: Colour, accent: Colour, _: random.Random) -> None:
    pen.ellipse((360, 560, 1240, 1400), fill=main)
    pen.rectangle((480, 500, 1120, 660), fill=main)
    pen.ellipse((480, 440, 1120, 570), fill=_dark(main))
    for x in range(430, 1180, 110):
        pen.polygon([(x, 900), (x + 55, 800), (x + 110, 900)], fill=accent)
    pen.line((400, 930, 1200, 930), fill=accent, width=22)


def _spoon(pen: Pen, main: Colour, accent: Colour, _: random.Random) -> None:
    pen.line((620, 1300, 900, 640), fill=main, width=84)
    pen.ellipse((790, 280, 1130, 760), fill=main)
    pen.ellipse((850, 350, 1070, 690), fill=accent)


def _shoe(pen: Pen, main: Colour, accent: Colour, _: random.Random) -> None:
    for lift in (0, 300):
        pen.rounded_rectangle((360, 680 + lift, 1240, 940 + lift), 130, fill=_dark(main))
        pen.rounded_rectangle((380, 650 + lift, 1220, 900 + lift), 125, fill=accent)
        pen.line((560, 660 + lift, 820, 890 + lift), fill=main, width=60)
        pen.line((820, 660 + lift, 560, 890 + lift), fill=main, width=60)
        for x in range(580, 820, 60):
            pen.ellipse((x, 760 + lift, x + 30, 790 + lift), fill=(250, 210, 80))


def _greens(pen: Pen, main: Colour, accent: Colour, dice: random.Random) -> None:
    for place in range(-4, 5):
        tip_x, tip_y = 800 + place * 120 + dice.randint(-20, 20), 420 + abs(place) * 60
        pen.line((800, 1340, tip_x, tip_y + 120), fill=_dark(accent), width=20)
        leaf = main if place % 2 else accent
        pen.ellipse((tip_x - 110, tip_y - 130, tip_x + 110, tip_y + 190), fill=leaf)
        pen.line((tip_x, tip_y - 80, tip_x, tip_y + 160), fill=_dark(leaf), width=8)
    pen.rounded_rectangle((700, 1130, 900, 1190), 24, fill=(196, 160, 110))


KINDS: dict[str, Callable[[Pen, Colour, Colour, random.Random], None]] = {
    "bag": _bag,
    "beads": _beads,
    "bottle": _bottle,
    "box": _box,
    "cap": _cap,
    "eggs": _eggs,
    "fabric": _fabric,
    "fish": _fish,
    "greens": _greens,
    "jar": _jar,
    "keg": _keg,
    "plantain": _plantain,
    "pot": _pot,
    "sack": _sack,
    "shoe": _shoe,
    "soap": _soap,
    "spool": _spool,
    "spoon": _spoon,
    "tin": _tin,
    "yam": _yam,
}
