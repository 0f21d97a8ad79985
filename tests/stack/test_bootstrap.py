"""Where uv comes from, on machines that have more or less."""

import ast
import hashlib
import io
import os
import re
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from stack import bootstrap

WHEEL = "uv-0.13.9-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl"


def put_uv(path: Path, version: str, doing: str = "") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{doing}\necho 'uv {version} (fake)'\n")
    path.chmod(0o755)


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder on PATH, empty, and no way to fetch anything."""
    folder = tmp_path / "path"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}/bin")
    for way in ("_by_virtual_environment", "_by_pip", "_by_download"):
        monkeypatch.setattr(bootstrap, way, refuse(way))
    return folder


def refuse(way: str) -> Callable[[Path], None]:
    def attempt(_: Path) -> None:
        raise bootstrap.SetupError("nothing to be had")

    attempt.__name__ = way
    return attempt


def test_an_uv_on_the_path_is_used_when_it_is_new_enough(path: Path, tmp_path: Path) -> None:
    put_uv(path / "uv", "0.14.0")
    assert bootstrap.find_uv(tmp_path / "data") == path / "uv"


@pytest.mark.parametrize("version", ["0.13.8", "0.9.99", "of no number"])
def test_an_uv_on_the_path_that_is_too_old_is_passed_over(path: Path, tmp_path: Path, version: str) -> None:
    put_uv(path / "uv", version)
    put_uv(tmp_path / "data" / "uv" / "bin" / "uv", "0.13.9")
    assert bootstrap.find_uv(tmp_path / "data") == tmp_path / "data" / "uv" / "bin" / "uv"


@pytest.mark.parametrize("works", ["_by_virtual_environment", "_by_pip", "_by_download"])
def test_each_way_is_tried_after_the_ones_before_it_failed(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, works: str
) -> None:
    monkeypatch.setattr(bootstrap, works, lambda folder: put_uv(folder / "bin" / "uv", "0.13.9"))
    assert bootstrap.find_uv(tmp_path / "data") == tmp_path / "data" / "uv" / "bin" / "uv"


def test_when_every_way_fails_each_fault_and_the_remedy_are_told(path: Path, tmp_path: Path) -> None:
    with pytest.raises(bootstrap.SetupError) as failure:
        bootstrap.find_uv(tmp_path / "data")
    text = str(failure.value)
    assert text.count("nothing to be had") == 3
    assert "on PATH" in text


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, bytes]]:
    """A package index on this machine, as pip would be told of it; path to content."""
    pages: dict[str, bytes] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path in pages else 404)
            self.end_headers()
            self.wfile.write(pages.get(self.path, b""))

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.delenv("UV_DEFAULT_INDEX", raising=False)
    monkeypatch.delenv("UV_INDEX_URL", raising=False)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{server.server_port}/simple/")
    yield pages
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def wheel() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("uv-0.13.9.data/scripts/uv", "#!/bin/sh\necho 'uv 0.13.9'\n")
    return content.getvalue()


@pytest.fixture
def _x86_linux(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    monkeypatch.setattr("platform.libc_ver", lambda: ("glibc", "2.36"))


@pytest.mark.usefixtures("_x86_linux")
def test_without_pip_the_wheel_comes_from_the_index_that_pip_is_told_of(
    index: dict[str, bytes], wheel: bytes, tmp_path: Path
) -> None:
    digest = hashlib.sha256(wheel).hexdigest()
    musl = WHEEL.replace("manylinux_2_17_x86_64.manylinux2014_x86_64", "musllinux_1_1_x86_64")
    index["/simple/uv/"] = (
        f'<a href="../../files/{WHEEL.replace("0.13.9", "0.13.10")}#sha256={digest}">newer</a>'
        f'<a href="../../files/{musl}#sha256={digest}">other libc</a>'
        f'<a href="../../files/{WHEEL}#sha256={digest}">ours</a>'
    ).encode()
    index[f"/files/{WHEEL}"] = wheel
    bootstrap._by_download(tmp_path)
    assert bootstrap.uv_version(tmp_path / "bin" / "uv") == (0, 13, 9)


@pytest.mark.usefixtures("_x86_linux")
def test_a_wheel_that_is_not_what_the_index_says_is_refused(
    index: dict[str, bytes], wheel: bytes, tmp_path: Path
) -> None:
    index["/simple/uv/"] = f'<a href="/files/{WHEEL}#sha256={"0" * 64}">ours</a>'.encode()
    index[f"/files/{WHEEL}"] = wheel
    with pytest.raises(bootstrap.SetupError, match="SHA-256"):
        bootstrap._by_download(tmp_path)
    assert not (tmp_path / "bin").exists()


@pytest.mark.parametrize(
    ("machine", "libc", "wanted"),
    [
        ("x86_64", "glibc", "uv-0.13.9-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl"),
        (
            "aarch64",
            "glibc",
            "uv-0.13.9-py3-none-manylinux_2_17_aarch64.manylinux2014_aarch64.musllinux_1_1_aarch64.whl",
        ),
        (
            "arm64",
            "",
            "uv-0.13.9-py3-none-manylinux_2_17_aarch64.manylinux2014_aarch64.musllinux_1_1_aarch64.whl",
        ),
        ("x86_64", "", "uv-0.13.9-py3-none-musllinux_1_1_x86_64.whl"),
    ],
)
def test_the_wheel_fits_the_machine(
    monkeypatch: pytest.MonkeyPatch, machine: str, libc: str, wanted: str
) -> None:
    names = [
        "uv-0.13.9-py3-none-macosx_11_0_arm64.whl",
        "uv-0.13.9-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
        "uv-0.13.9-py3-none-manylinux_2_17_aarch64.manylinux2014_aarch64.musllinux_1_1_aarch64.whl",
        "uv-0.13.9-py3-none-musllinux_1_1_x86_64.whl",
        "uv-0.13.9.tar.gz",
    ]
    page = "".join(
        f'<a href="/files/{name}#sha256=abc" data-requires-python="&gt;=3.8">{name}</a>' for name in names
    )
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr("platform.machine", lambda: machine)
    monkeypatch.setattr("platform.libc_ver", lambda: (libc, ""))
    address, digest = bootstrap.choose_wheel(page, "https://index.example/simple/uv/")
    assert (address, digest) == (f"https://index.example/files/{wanted}", "abc")


def test_what_would_choose_another_python_is_kept_from_uv(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PYENV_VERSION", "PYENV_DIR", "VIRTUAL_ENV", "UV_PYTHON", "PYTHONHOME"):
        monkeypatch.setenv(name, "3.12")
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    (tmp_path / "pyenv/versions/3.10.13/bin").mkdir(parents=True)
    folder = _project(tmp_path)
    put_uv(path / "uv", "0.13.9", f'env > "{tmp_path}/seen"; echo "$@" >> "{tmp_path}/seen"')
    bootstrap.sync("bot", folder, tmp_path / "data")
    seen = (tmp_path / "seen").read_text()
    assert "sync --frozen --python 3.10" in seen
    assert f"{tmp_path}/pyenv/versions/3.10.13/bin\n" in seen
    assert not [
        line
        for line in seen.splitlines()
        if line.startswith(("PYENV_V", "PYENV_D", "VIRTUAL", "UV_P", "PYTHONH"))
    ]


def test_an_environment_that_fits_its_lock_file_is_left_alone(path: Path, tmp_path: Path) -> None:
    folder = _project(tmp_path)
    made = "mkdir -p .venv/bin && touch .venv/bin/python"
    put_uv(path / "uv", "0.13.9", f'case "$1" in sync) {made}; echo x >> "{tmp_path}/synced";; esac')
    for _ in range(2):
        bootstrap.sync("bot", folder, tmp_path / "data")
    assert (tmp_path / "synced").read_text() == "x\n"
    (folder / "uv.lock").write_text("another")
    bootstrap.sync("bot", folder, tmp_path / "data")
    assert (tmp_path / "synced").read_text() == "x\nx\n"


def test_a_long_installation_tells_its_seconds_where_no_bar_is_drawn(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bootstrap, "STILL_SECONDS", 0.05)
    put_uv(path / "uv", "0.13.9", f'case "$1" in sync) echo "$*" > "{tmp_path}/asked"; /bin/sleep 0.5;; esac')
    bootstrap.sync("bot", _project(tmp_path), tmp_path / "data")
    assert re.search(r"^  … \d+ s so far$", capsys.readouterr().out, re.MULTILINE)
    assert "--quiet" in (tmp_path / "asked").read_text()


def test_on_a_terminal_uv_draws_its_own_bar(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bootstrap, "STILL_SECONDS", 0.05)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    put_uv(path / "uv", "0.13.9", f'case "$1" in sync) echo "$*" > "{tmp_path}/asked"; /bin/sleep 0.2;; esac')
    bootstrap.sync("bot", _project(tmp_path), tmp_path / "data")
    assert "so far" not in capsys.readouterr().out
    assert "--quiet" not in (tmp_path / "asked").read_text()


def test_an_environment_that_cannot_be_installed_is_told(path: Path, tmp_path: Path) -> None:
    put_uv(path / "uv", "0.13.9", 'case "$1" in sync) exit 2;; esac')
    with pytest.raises(bootstrap.SetupError, match=r"bot environment could not be installed.*Python 3\.10"):
        bootstrap.sync("bot", _project(tmp_path), tmp_path / "data")


def _project(folder: Path) -> Path:
    project = folder / "bot"
    project.mkdir()
    for name, content in ((".python-version", "3.10\n"), ("uv.lock", "lock"), ("pyproject.toml", "project")):
        (project / name).write_text(content)
    return project


def test_bootstrap_needs_nothing_newer_than_python_3_9() -> None:
    ast.parse(Path(bootstrap.__file__).read_text(), feature_version=(3, 9))
