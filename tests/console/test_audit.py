"""The trail: what a member changes leaves who, what and when, from the desk and from the API alike."""

from tests.conftest import Bearer, MakeMember
from tests.console.conftest import AtDesk


async def test_a_change_leaves_who_did_it_and_reading_leaves_nothing(
    at_desk: AtDesk, make_member: MakeMember, bearer: Bearer
) -> None:
    member = await make_member(name="Ngozi <b>")
    browser = await at_desk(member)
    base = f"/api/v1/tenants/{member.tenant.id}"
    await browser.client.patch(base, json={"address": "Stall 4"}, headers=bearer(member))
    await browser.client.get(f"{base}/members", headers=bearer(member))
    trail = (await browser.client.get(f"{base}/audit-entries", headers=bearer(member))).json()
    assert [one["action"] for one in trail["items"]] == ["change_settings"]
    assert trail["items"][0]["user_id"] == str(member.user.id)
    page = await browser.get(f"/console/shops/{member.tenant.slug}/settings/audit")
    assert "change settings" in page.text
    assert "Ngozi &lt;b&gt;" in page.text


async def test_a_refused_change_leaves_nothing(
    at_desk: AtDesk, make_member: MakeMember, bearer: Bearer
) -> None:
    member = await make_member()
    browser = await at_desk(member)
    base = f"/api/v1/tenants/{member.tenant.id}"
    await browser.client.patch(base, json={"timezone": "Nowhere/Else"}, headers=bearer(member))
    assert (await browser.client.get(f"{base}/audit-entries", headers=bearer(member))).json()["total"] == 0


async def test_a_change_asked_for_twice_is_told_once(
    at_desk: AtDesk, make_member: MakeMember, bearer: Bearer
) -> None:
    member = await make_member()
    browser = await at_desk(member)
    base = f"/api/v1/tenants/{member.tenant.id}"
    headers = {**bearer(member), "Idempotency-Key": "one"}
    for _ in range(2):
        done = await browser.client.post(f"{base}/categories", json={"name": "Fabrics"}, headers=headers)
        assert done.status_code == 201
    assert (await browser.client.get(f"{base}/audit-entries", headers=bearer(member))).json()["total"] == 1
