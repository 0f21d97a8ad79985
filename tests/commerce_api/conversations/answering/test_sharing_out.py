"""Conversations that wait go to the members at the desk in turn, while the shop is open."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from commerce_api.conversations import handing, queries
from commerce_api.core.database import Database
from commerce_api.core.tenancy import enter
from commerce_api.tenants import sessions
from commerce_api.tenants.models import Role, Tenant
from tests.conftest import NOON, MakeMember, MakeTenant, Member
from tests.console import talks

SHUT = {"sun": [["10:00", "11:00"]]}


async def come_to_the_desk(database: Database, member: Member) -> None:
    async with database.transaction() as session:
        await sessions.start(session, member.user, source=None, agent=None, now=NOON - timedelta(minutes=2))


async def ask_for_a_person(
    database: Database, tenant: Tenant, *, seconds: int = 0, **columns: Any
) -> UUID | None:
    """Whose it is then."""
    talk = await talks.start(database, tenant, **columns)
    async with database.transaction() as session:
        await enter(session, tenant.id)
        conversation = await queries.lock(session, talk.id)
        await handing.hand_off(session, conversation, "talk_to_human", NOON + timedelta(seconds=seconds))
        return conversation.assignee_id


async def test_they_go_round_among_who_may_answer_and_is_there(
    database: Database, make_tenant: MakeTenant, make_member: MakeMember
) -> None:
    tenant = await make_tenant(shares_out=True)
    roles = (Role.AGENT, Role.AGENT, Role.OWNER, Role.VIEWER)
    team = [await make_member(tenant, role=role) for role in roles]
    for member in (team[0], team[2], team[3]):
        await come_to_the_desk(database, member)
    given = [await ask_for_a_person(database, tenant, seconds=turn) for turn in range(5)]
    one, other = team[0].user.id, team[2].user.id
    assert set(given[:2]) == {one, other}
    assert given == [given[0], given[1]] * 2 + [given[0]]


@pytest.mark.parametrize(("shares_out", "opening"), [(False, {}), (True, SHUT)], ids=["off", "shut"])
async def test_otherwise_they_are_nobodys(
    *,
    database: Database,
    make_tenant: MakeTenant,
    make_member: MakeMember,
    shares_out: bool,
    opening: dict[str, list[list[str]]],
) -> None:
    tenant = await make_tenant(shares_out=shares_out, opening=opening)
    await come_to_the_desk(database, await make_member(tenant))
    assert await ask_for_a_person(database, tenant) is None


async def test_with_nobody_there_it_is_nobodys_and_whose_it_was_stays(
    database: Database, make_tenant: MakeTenant, make_member: MakeMember
) -> None:
    tenant = await make_tenant(shares_out=True)
    away, here = await make_member(tenant), await make_member(tenant)
    assert await ask_for_a_person(database, tenant) is None
    await come_to_the_desk(database, here)
    assert await ask_for_a_person(database, tenant, assignee_id=away.user.id) == away.user.id
