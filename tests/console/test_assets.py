"""Assets: under a name of their own content, kept for ever, small enough for a thin network."""

import gzip
import re

from console.assets import ASSETS
from tests.conftest import MakeMember
from tests.console.conftest import AtDesk, Visiting

FIRST_LOAD = 100_000


async def test_an_asset_is_kept_for_ever_under_its_name_and_unknown_under_another(visit: Visiting) -> None:
    browser = visit()
    page = await browser.get("/console/sign-in")
    address = re.findall(r'href="(/console/static/[^"]+\.css)"', page.text)[0]
    answer = await browser.get(address)
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-encoding"] == "gzip"
    digest = address.split("/")[3]
    assert (await browser.get(address.replace(digest, "0" * 16))).status_code == 404
    assert (await browser.get(f"/console/static/{digest}/../conftest.py")).status_code == 404


async def test_the_first_load_of_the_inbox_is_small(at_desk: AtDesk, make_member: MakeMember) -> None:
    member = await make_member()
    page = await (await at_desk(member)).get(f"/console/shops/{member.tenant.slug}/inbox")
    assert page.headers["content-encoding"] == "gzip"
    used = [name for name, asset in ASSETS.items() if asset.path in page.text]
    assert "desk.css" in used
    whole = len(gzip.compress(page.content)) + sum(len(ASSETS[name].compressed) for name in used)
    assert whole < FIRST_LOAD, f"{whole} bytes"
