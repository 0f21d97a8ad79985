"""What the application's and the tracker store's logins may do, and owners that are no superuser."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest
from psycopg import errors

from stack import database


def test_the_tracker_stores_login_has_its_own_schema_and_nothing_of_the_shop(urls: database.Urls) -> None:
    with psycopg.connect(urls.bot, autocommit=True) as connection:
        connection.execute("create table events (id int)")
        assert connection.execute(
            "select schemaname from pg_tables where tablename = 'events'"
        ).fetchall() == [("bot",)]
        connection.execute("drop table events")
        with pytest.raises(errors.InsufficientPrivilege):
            connection.execute("select * from public.tenants")
        with pytest.raises(errors.InsufficientPrivilege):
            connection.execute("create table public.mine (id int)")


def test_the_application_reads_nothing_of_the_tracker_store(urls: database.Urls) -> None:
    with psycopg.connect(urls.application, autocommit=True) as connection:
        assert connection.execute("select has_schema_privilege('bot', 'usage')").fetchone() == (False,)


@pytest.fixture
def managed(urls: database.Urls) -> Iterator[str]:
    """A database as managed PostgreSQL gives it: its owner may make roles and is no superuser."""
    name = f"owner_{uuid4().hex[:8]}"
    with psycopg.connect(urls.owner, autocommit=True) as admin:
        admin.execute(f"create role {name} login createrole password 'pw'")
        admin.execute(f"grant commerce_app, commerce_lookup to {name} with admin option")
        admin.execute(f"create database {name} owner {name}")
        yield database.with_database(database.as_login(urls.owner, name, "pw"), name)
        admin.execute(f"drop database {name} with (force)")
        roles = (f"{name}_app", f"{name}_bot", name)
        for role in roles:
            admin.execute(f"drop role if exists {role}")


def test_an_owner_that_is_no_superuser_can_prepare_a_database(managed: str, tmp_path: Path) -> None:
    owner = urlsplit(managed).path[1:]
    application = database.as_login(managed, f"{owner}_app", "app-pw")
    bot = database.as_login(managed, f"{owner}_bot", "bot-pw")
    for _ in range(2):
        prepared = database.prepare(managed, tmp_path / "key", application_url=application, bot_url=bot)
    assert prepared == database.Urls(managed, application, bot)
    assert not (tmp_path / "key").exists()
    with psycopg.connect(application) as connection:
        assert connection.execute("select count(*) from tenants").fetchone() == (0,)


def test_a_login_above_row_level_security_is_refused(
    managed: str, urls: database.Urls, tmp_path: Path
) -> None:
    superuser = database.with_database(urls.owner, "postgres").replace("postgres@", "postgres:@", 1)
    with pytest.raises(RuntimeError, match="above row-level security"):
        database.prepare(urls.owner, tmp_path / "key", application_url=superuser)


def test_the_databases_password_is_kept_from_other_users(tmp_path: Path, urls: database.Urls) -> None:
    database._password(tmp_path / "key", "someone")
    assert (tmp_path / "key").stat().st_mode & 0o077 == 0
    assert database._password(tmp_path / "key", "someone") != database._password(tmp_path / "key", "another")


def test_a_first_start_that_was_killed_midway_is_begun_anew(tmp_path: Path) -> None:
    half = tmp_path / "postgres.new"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    server = database.start_server(tmp_path / "postgres", durable=False)
    try:
        with psycopg.connect(server.url) as connection:
            assert connection.execute("select 1").fetchone() == (1,)
    finally:
        server.stop()
    assert not half.exists()
