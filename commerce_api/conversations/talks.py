"""Conversations as fixed statements read them: each with its contact and its tenant."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from commerce_api.conversations.models import Contact, Conversation
from commerce_api.core import tenancy
from commerce_api.core.rows import Row, fill, settle
from commerce_api.core.statements import Statement
from commerce_api.tenants.models import Tenant

TALK, PERSON, SHOP = Row(Conversation, "c"), Row(Contact, "k"), Row(Tenant, "t")

# What follows `select` in a statement for `read`: the conversations are `c`.
CONVERSATIONS = (
    f"{TALK.columns}, {PERSON.columns}, {SHOP.columns} from conversations c"
    " join contacts k on k.tenant_id = c.tenant_id and k.id = c.contact_id"
    " join tenants t on t.id = c.tenant_id"
)
_ONE = "select {talk} where c.tenant_id = %(tenant)s and c.id = %(conversation)s"
ONE = Statement(_ONE, talk=CONVERSATIONS)
HELD = Statement(f"{_ONE} for update of c", talk=CONVERSATIONS)
HELD_IF_FREE = Statement(f"{_ONE} for update of c skip locked", talk=CONVERSATIONS)


def read(session: AsyncSession, row: Any, *, anew: bool = False) -> Conversation:
    """The conversation of a row of ``CONVERSATIONS``, ``contact`` and ``tenant`` loaded; see ``Row.read``."""
    conversation = TALK.read(session, row, anew=anew)
    person, shop = PERSON.read(session, row, anew=anew), SHOP.read(session, row, anew=anew)
    fill(conversation, contact=person, tenant=shop)
    return conversation


async def find(session: AsyncSession, finding: Statement, **facts: Any) -> Conversation | None:
    """The conversation of the session's tenant that ``finding`` gives, as it is now; None without one."""
    await settle(session)
    row = await finding.first(session, tenant=tenancy.current(session), **facts)
    return None if row is None else read(session, row, anew=finding is not ONE)
