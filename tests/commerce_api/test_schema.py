"""Every tenant's table is fenced, keyed and referred to by tenant: read from PostgreSQL's own catalogue.

``faults`` is a linter; a new table that forgets a rule fails here, and so does a new table that forgets its
tenant altogether.
"""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from alembic import command
from alembic.config import Config
from psycopg.rows import dict_row

import commerce_api.main  # noqa: F401 -- maps every table
from commerce_api.core.database import Base
from stack import database as stack_database

# Tables of nobody in particular; everything else has a tenant.
GLOBAL = {
    "alembic_version",
    "tenants",
    "users",
    "sign_in_failures",
    # A person's, whatever tenants they are a member of.
    "user_sessions",
    "idempotency_keys",
    # Found no seller's account, so no tenant.
    "quarantined_parts",
    # May come before its payment; its own policies tie it to the payments of the entered tenant.
    "payment_callbacks",
    # A person's account, whatever tenants they are a member of.
    "password_links",
    "account_events",
    "second_steps",
    "recovery_codes",
    "provider_accounts",
    "provider_sign_ins",
    "procrastinate_jobs",
    "procrastinate_events",
    "procrastinate_workers",
    "procrastinate_periodic_defers",
}
# Unique across tenants, on purpose.
UNIQUE_EVERYWHERE = {
    # A provider's number reaches one seller alone.
    "uq_channel_accounts_channel_address",
    # A photo's public name: random, and told by us, so that nobody learns anything from a clash.
    "uq_photos_key",
    "uq_reply_photos_key",
}
APPLICATION = ("commerce_app", "commerce_login")

TABLES = """
select c.oid, c.relname as name, c.relrowsecurity as is_fenced, c.relforcerowsecurity as is_forced,
  exists (select from pg_attribute a
    where a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped) as has_tenant
from pg_class c where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace order by c.relname
"""
POLICIES = """
select polname as name, polcmd::text as command, pg_get_expr(polqual, polrelid) as seen,
  pg_get_expr(polwithcheck, polrelid) as written,
  array(select rolname::text from pg_roles where oid = any (polroles)) as roles
from pg_policy where polrelid = %s
"""
UNIQUE = """
select i.relname as name, x.indisprimary as is_primary,
  (select a.attname from pg_attribute a where a.attrelid = x.indrelid and a.attnum = x.indkey[0]) as first
from pg_index x join pg_class i on i.oid = x.indexrelid where x.indrelid = %s and x.indisunique
"""
REFERENCES = """
select k.conname as name, r.relname as target,
  exists (select from pg_attribute t where t.attrelid = k.confrelid and t.attname = 'tenant_id') as is_owned,
  exists (select from unnest(k.conkey, k.confkey) as pair (mine, theirs)
    join pg_attribute a on a.attrelid = k.conrelid and a.attnum = pair.mine and a.attname = 'tenant_id'
    join pg_attribute b on b.attrelid = k.confrelid and b.attnum = pair.theirs and b.attname = 'tenant_id')
  as goes_by_tenant
from pg_constraint k join pg_class r on r.oid = k.confrelid where k.conrelid = %s and k.contype = 'f'
"""
TABLE_POWERS = """
select c.relname from pg_class c where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace
  and has_table_privilege('commerce_login', c.oid, 'truncate, references, trigger')
"""
DEFINERS = r"""
select p.proname, n.nspname, r.rolname, p.proconfig from pg_proc p
  join pg_roles r on r.oid = p.proowner join pg_namespace n on n.oid = p.pronamespace
where p.prosecdef and n.nspname not like 'pg\_%'
  and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')
"""
# As PostgreSQL prints what core.schema.fence wrote.
CURRENT_TENANT = "(tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)"

Connection = psycopg.Connection[dict[str, Any]]


def faults(connection: Connection) -> list[str]:
    """What breaks the rules, one sentence each."""
    found = []
    for table in connection.execute(TABLES).fetchall():
        if not table["has_tenant"]:
            found += [] if table["name"] in GLOBAL else [f"{table['name']} has no tenant_id"]
            continue
        found += [f"{table['name']}: {fault}" for fault in _faults_of(connection, table)]
    return found


def _faults_of(connection: Connection, table: dict[str, Any]) -> Iterator[str]:
    if not (table["is_fenced"] and table["is_forced"]):
        yield "row-level security is not enabled and forced"
    policies = connection.execute(POLICIES, (table["oid"],)).fetchall()
    if not any(_is_fence(policy) for policy in policies):
        yield "no policy holds the application to the current tenant"
    for policy in policies:
        if not _is_fence(policy) and (policy["roles"], policy["command"]) != (["commerce_lookup"], "r"):
            yield f"policy {policy['name']} lets someone past the fence"
    keys = connection.execute(UNIQUE, (table["oid"],)).fetchall()
    if not any(key["is_primary"] for key in keys):
        yield "there is no primary key"
    for key in keys:
        if key["first"] != "tenant_id" and key["name"] not in UNIQUE_EVERYWHERE:
            yield f"{key['name']} does not begin with tenant_id"
    for reference in connection.execute(REFERENCES, (table["oid"],)).fetchall():
        if reference["is_owned"] and not reference["goes_by_tenant"]:
            yield f"{reference['name']} refers to {reference['target']} without its tenant"


def _is_fence(policy: dict[str, Any]) -> bool:
    is_for_the_application = (policy["roles"], policy["command"]) == (["commerce_app"], "*")
    return is_for_the_application and policy["seen"] == policy["written"] == CURRENT_TENANT


@pytest.fixture
def owner(urls: stack_database.Urls) -> Iterator[Connection]:
    """The owner's connection; what it does is rolled back."""
    with psycopg.connect(urls.owner, row_factory=dict_row) as connection:
        yield connection
        connection.rollback()


def test_every_table_keeps_the_rules(owner: Connection) -> None:
    assert faults(owner) == []


def test_the_lists_of_exceptions_name_what_exists(owner: Connection) -> None:
    tables = {table["name"] for table in owner.execute(TABLES)}
    indexes = {row["relname"] for row in owner.execute("select relname from pg_class where relkind = 'i'")}
    assert GLOBAL - tables == set()
    assert UNIQUE_EVERYWHERE - indexes == set()


GOOD = """
create table wrong (tenant_id uuid not null, id uuid not null, contact_id uuid, primary key (tenant_id, id),
  foreign key (tenant_id, contact_id) references contacts (tenant_id, id));
alter table wrong enable row level security;
alter table wrong force row level security;
create policy tenant_rows on wrong to commerce_app
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
"""


def test_a_table_that_keeps_the_rules_passes(owner: Connection) -> None:
    owner.execute(GOOD)
    assert faults(owner) == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ("alter table wrong disable row level security", "not enabled and forced"),
        ("alter table wrong no force row level security", "not enabled and forced"),
        ("drop policy tenant_rows on wrong", "no policy holds the application"),
        ("alter policy tenant_rows on wrong using (true)", "no policy holds the application"),
        ("alter policy tenant_rows on wrong with check (true)", "no policy holds the application"),
        ("create policy more on wrong to commerce_app using (true)", "policy more lets someone past"),
        ("create policy more on wrong for update to commerce_lookup using (true)", "policy more lets"),
        ("create policy more on wrong for select using (true)", "policy more lets someone past"),
        ("alter table wrong drop constraint wrong_pkey", "there is no primary key"),
        (
            "alter table wrong drop constraint wrong_pkey, add primary key (id, tenant_id)",
            "wrong_pkey does not begin with tenant_id",
        ),
        ("create unique index on wrong (contact_id)", "wrong_contact_id_idx does not begin with tenant_id"),
        ("create unique index on wrong (contact_id) where id is null", "does not begin with tenant_id"),
        ("create unique index on wrong (md5(contact_id::text))", "does not begin with tenant_id"),
        (
            """create table other (tenant_id uuid, id uuid primary key);
            alter table wrong add foreign key (contact_id) references other (id)""",
            "refers to other without its tenant",
        ),
        ("create table stray (id uuid primary key)", "stray has no tenant_id"),
    ],
)
def test_a_table_that_breaks_a_rule_is_caught(owner: Connection, change: str, fault: str) -> None:
    owner.execute(GOOD)
    owner.execute(change)
    assert any(fault in found for found in faults(owner)), faults(owner)


def test_the_application_owns_nothing_and_is_bound_by_the_policies(owner: Connection) -> None:
    powers = (
        "select rolname, rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication as power"
    )
    roles = owner.execute(
        f"{powers} from pg_roles where rolname = any(%s)", ([*APPLICATION, "commerce_lookup"],)
    )
    assert {row["rolname"]: row["power"] for row in roles} == dict.fromkeys(
        (*APPLICATION, "commerce_lookup"), False
    )
    owned = owner.execute(
        "select d.classid::regclass::text as kind, d.objid from pg_shdepend d"
        " join pg_roles r on r.oid = d.refobjid where d.deptype = 'o' and r.rolname = any(%s)",
        (list(APPLICATION),),
    ).fetchall()
    assert owned == []
    memberships = owner.execute(
        "select g.rolname from pg_auth_members m join pg_roles g on g.oid = m.roleid"
        " join pg_roles r on r.oid = m.member where r.rolname = any(%s)",
        (list(APPLICATION),),
    ).fetchall()
    assert [row["rolname"] for row in memberships] == ["commerce_app"]


def test_the_application_can_neither_truncate_nor_refer_past_the_policies(owner: Connection) -> None:
    rights = owner.execute(TABLE_POWERS).fetchall()
    assert rights == []


def test_only_the_lookup_role_runs_functions_past_the_policies(owner: Connection) -> None:
    definers = owner.execute(DEFINERS).fetchall()
    assert len(definers) >= 5
    for function in definers:
        assert (function["nspname"], function["rolname"]) == ("lookup", "commerce_lookup"), function
        path, *planning = function["proconfig"]
        assert path == "search_path=public, pg_temp", function
        assert all(setting.startswith("enable_") for setting in planning), function


def test_no_view_looks_past_the_policies(owner: Connection) -> None:
    views = owner.execute(
        "select c.relname from pg_class c where c.relnamespace = 'public'::regnamespace and (c.relkind = 'm'"
        " or (c.relkind = 'v' and not 'security_invoker=true' = any(coalesce(c.reloptions, '{}'))))"
    ).fetchall()
    assert views == []


def test_every_mapped_column_is_what_the_migrations_made(owner: Connection) -> None:
    columns = owner.execute(
        "select table_name, column_name, is_nullable = 'YES' as is_nullable from information_schema.columns"
        " where table_schema = 'public'"
    ).fetchall()
    made = {(row["table_name"], row["column_name"]): row["is_nullable"] for row in columns}
    mapped = {(t.name, c.name): bool(c.nullable) for t in Base.metadata.tables.values() for c in t.columns}
    assert {name: made.get(name) for name in mapped} == mapped


def test_the_migrations_go_down_and_up_again(
    urls: stack_database.Urls, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = Config(stack_database.ROOT / "alembic.ini")
    with psycopg.connect(urls.owner, autocommit=True) as connection:
        connection.execute("create database down_and_up")
        try:
            url = stack_database.with_database(urls.owner, "down_and_up")
            monkeypatch.setenv("DATABASE_OWNER_URL", url)
            command.upgrade(config, "head")
            command.downgrade(config, "base")
            command.upgrade(config, "head")
        finally:
            connection.execute("drop database down_and_up")
