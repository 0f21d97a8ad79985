"""What the shops had before a migration, they have after it, whoever owns the database."""

from collections.abc import Iterator
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import sql

from stack import database

TENANT, ACCOUNT = uuid4(), uuid4()
OLDER, NEWER, HIDDEN = uuid4(), uuid4(), uuid4()
PHONE = "+2348031234567"
SHOP = """
insert into tenants (id, slug, name, currency, country, languages, timezone, payment_methods)
  values ('{tenant}', 'shop', 'Shop', 'NGN', 'NG', '{{en}}', 'Africa/Lagos', '{{}}');
insert into channel_accounts (tenant_id, id, channel, address, name, created_at)
  values ('{tenant}', '{account}', 'whatsapp', '1', 'Shop', now());
"""
CONTACT = """
insert into contacts (tenant_id, id, phone, created_at)
  values ('{tenant}', '{contact}', {phone}, '{at}');
insert into contact_addresses (tenant_id, id, contact_id, channel_account_id, address, created_at)
  values ('{tenant}', gen_random_uuid(), '{contact}', '{account}', '{contact}', '{at}');
insert into conversations (tenant_id, id, contact_id, channel_account_id, channel, created_at)
  values ('{tenant}', '{contact}', '{contact}', '{account}', 'whatsapp', '{at}');
insert into messages (tenant_id, id, conversation_id, channel_account_id, position, direction, kind, author,
  body, sent_at, created_at)
  values ('{tenant}', '{contact}', '{contact}', '{account}', 1, 'inbound', 'text', 'shopper',
  '{{}}', timestamptz '{at}' - interval '1 minute', '{at}');
insert into turns (tenant_id, id, conversation_id, message_id, position, state, created_at)
  values ('{tenant}', gen_random_uuid(), '{contact}', '{contact}', 1, 'pending', '{at}');
"""


@pytest.fixture
def old(urls: database.Urls) -> Iterator[str]:
    """A database of before contacts had several addresses; its owner is no superuser."""
    name = f"old_{uuid4().hex[:8]}"
    role, base = sql.Identifier(name), sql.Identifier(name)
    with psycopg.connect(urls.owner, autocommit=True) as admin:
        admin.execute(sql.SQL("create role {} login createrole password 'pw'").format(role))
        admin.execute(sql.SQL("grant commerce_app, commerce_lookup to {} with admin option").format(role))
        admin.execute(sql.SQL("create database {} owner {}").format(base, role))
        url = database.with_database(database.as_login(urls.owner, name, "pw"), name)
        database.migrate(url, to="0008")
        with psycopg.connect(database.with_database(urls.owner, name), autocommit=True) as superuser:
            _shop(superuser)
        yield url
        admin.execute(sql.SQL("drop database {} with (force)").format(base))
        admin.execute(sql.SQL("drop role {}").format(role))


def _shop(connection: psycopg.Connection) -> None:
    connection.execute(SHOP.format(tenant=TENANT, account=ACCOUNT).encode())
    for contact, phone, at in (
        (NEWER, PHONE, "2026-03-02 10:00+00"),
        (OLDER, PHONE, "2026-03-01 10:00+00"),
        (HIDDEN, None, "2026-03-03 10:00+00"),
    ):
        facts = {"contact": contact, "phone": f"'{phone}'" if phone else "null", "at": at}
        connection.execute(CONTACT.format(tenant=TENANT, account=ACCOUNT, **facts).encode())


def test_an_owner_who_is_no_superuser_carries_over_contacts_and_what_they_said(
    old: str, urls: database.Urls
) -> None:
    database.migrate(old)
    with psycopg.connect(database.with_database(urls.owner, urlsplit(old).path[1:])) as connection:
        phones = connection.execute("select phone, contact_id from contact_phones").fetchall()
        assert phones == [(PHONE, OLDER)]
        homes: list[tuple[UUID, UUID]] = connection.execute(
            "select contact_id, conversation_id from contact_addresses"
        ).fetchall()
        assert {contact for contact, _ in homes} == {OLDER, NEWER, HIDDEN}
        assert all(contact == conversation for contact, conversation in homes)
        said = connection.execute("select distinct created_at - said_at from messages").fetchall()
        assert [gap.total_seconds() for (gap,) in said] == [60.0]
        waiting = connection.execute(
            "select count(*) from conversations where turn_due_at is not null"
        ).fetchone()
        assert waiting == (3,)


def test_no_table_is_left_open_to_its_owner_by_a_migration(old: str, urls: database.Urls) -> None:
    database.migrate(old)
    with psycopg.connect(old) as connection:
        unforced = connection.execute(
            "select relname from pg_class where relrowsecurity and not relforcerowsecurity"
        ).fetchall()
    assert unforced == []
