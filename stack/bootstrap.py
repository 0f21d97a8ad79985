"""From nothing to both environments: finds or fetches uv, syncs, and hands over to ``python -m stack``.

Run by any Python from 3.9 with the standard library alone (``python3 stack/bootstrap.py up``), so nothing
here may use newer syntax or another module of ours. With nothing to do it takes some milliseconds.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import time
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin

ROOT = Path(__file__).resolve().parent.parent
UV_VERSION = (0, 13, 9)
UV_NAME = ".".join(map(str, UV_VERSION))
DATA = ROOT / ".data"
STILL_SECONDS = 15.0
ENVIRONMENTS = {"root": ROOT, "bot": ROOT / "bot"}
# What would choose another Python for us. pyenv sets its own two for whatever a shim of it starts.
OURS_TO_CHOOSE = (
    *(
        "VIRTUAL_ENV",
        "UV_PROJECT_ENVIRONMENT",
        "UV_PYTHON",
        "PYTHONHOME",
        "PYTHONPATH",
        "__PYVENV_LAUNCHER__",
    ),
    *("PYENV_VERSION", "PYENV_DIR"),
)


class SetupError(Exception):
    """The set-up can't go on; the text says what to do."""


@contextmanager
def progress(doing: str) -> Iterator[None]:
    """Says what is being done and, when it worked, how many seconds it took."""
    started = time.monotonic()
    print(f"- {doing} …", flush=True)
    yield
    print(f"  done in {time.monotonic() - started:.0f} s", flush=True)


def run_patiently(command: list[str], folder: Path, environment: dict[str, str]) -> int:
    """Runs a command that may take minutes; its exit code. Where no bar does, tells that it still runs."""
    started = time.monotonic()
    process = subprocess.Popen(command, cwd=folder, env=environment, stdin=subprocess.DEVNULL)
    try:
        while True:
            try:
                return process.wait(STILL_SECONDS)
            except subprocess.TimeoutExpired:
                if not sys.stderr.isatty():
                    print(f"  … {time.monotonic() - started:.0f} s so far", flush=True)
    except BaseException:
        process.terminate()
        process.wait()
        raise


def uv_version(program: Path) -> tuple[int, ...]:
    """The version of an uv; () when it can't be run."""
    try:
        done = subprocess.run([str(program), "--version"], capture_output=True, check=False)
    except OSError:
        return ()
    found = re.match(rb"uv (\d+)\.(\d+)\.(\d+)", done.stdout)
    return tuple(map(int, found.groups())) if found else ()


def find_uv(data: Path) -> Path:
    """An uv of the pinned version or newer: on PATH, else kept under ``data/uv``, else brought there.

    Three ways are tried: pip in a virtual environment, this Python's own pip, and the package index over
    HTTPS. Raises SetupError with each one's fault when all fail.
    """
    on_path = shutil.which("uv")
    if on_path and uv_version(Path(on_path)) >= UV_VERSION:
        return Path(on_path)
    folder = data / "uv"
    kept = _uv_in(folder)
    if kept:
        return kept
    ways: tuple[Callable[[Path], None], ...] = (_by_virtual_environment, _by_pip, _by_download)
    faults = []
    with progress(f"Fetching uv {UV_NAME}"):
        for way in ways:
            shutil.rmtree(str(folder), ignore_errors=True)
            folder.mkdir(parents=True)
            fault = _try(way, folder)
            brought = _uv_in(folder)
            if brought:
                return brought
            name = way.__name__.strip("_").replace("_", " ")
            faults.append(f"  {name}: {fault or 'brought no uv that runs'}")
    raise SetupError(
        f"uv {UV_NAME} could not be fetched:\n" + "\n".join(faults) + "\n"
        "Install it yourself (https://docs.astral.sh/uv) so that it is on PATH, and run this again."
    )


def _uv_in(folder: Path) -> Path | None:
    for place in ("bin/uv", "environment/bin/uv"):
        if uv_version(folder / place) >= UV_VERSION:
            return folder / place
    return None


def _try(way: Callable[[Path], None], folder: Path) -> str:
    try:
        way(folder)
    except subprocess.CalledProcessError as error:
        lines = (error.stdout + error.stderr).decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else str(error)
    except (OSError, SetupError, zipfile.BadZipFile) as error:
        return str(error)
    return ""


def _quietly(*command: str) -> None:
    subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=True)


def _by_virtual_environment(folder: Path) -> None:
    _quietly(sys.executable, "-m", "venv", str(folder / "environment"))
    python = str(folder / "environment" / "bin" / "python")
    _quietly(python, "-m", "pip", "install", "--quiet", f"uv=={UV_NAME}")


def _by_pip(folder: Path) -> None:
    _quietly(sys.executable, "-m", "pip", "install", "--quiet", "--target", str(folder), f"uv=={UV_NAME}")


def _by_download(folder: Path) -> None:
    address, sha256 = choose_wheel(_get(f"{index_address()}/uv/").decode(), f"{index_address()}/uv/")
    content = _get(address)
    if hashlib.sha256(content).hexdigest() != sha256:
        raise SetupError(f"{address} is not what the index says it is (its SHA-256 differs)")
    wheel = folder / "uv.whl"
    wheel.write_bytes(content)
    (folder / "bin").mkdir()
    with zipfile.ZipFile(str(wheel)) as archive:
        inside = [name for name in archive.namelist() if name.endswith("/scripts/uv")]
        if not inside:
            raise SetupError(f"{address} holds no uv")
        (folder / "bin" / "uv").write_bytes(archive.read(inside[0]))
    (folder / "bin" / "uv").chmod(0o755)
    wheel.unlink()


def index_address() -> str:
    """The package index: what uv or pip is told in the environment, else PyPI."""
    told = (os.environ.get(name) for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL"))
    return next((address for address in told if address), "https://pypi.org/simple").rstrip("/")


def choose_wheel(page: str, base: str) -> tuple[str, str]:
    """The address and SHA-256 of this machine's wheel of the pinned uv, off an index page."""
    machine = platform.machine().lower()
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(machine, machine)
    if sys.platform == "darwin":
        wanted = r"macosx_[0-9_]+_" + {"aarch64": "arm64"}.get(machine, machine)
    else:
        libc = "manylinux" if platform.libc_ver()[0] else "musllinux"
        wanted = rf"[a-z0-9_.]*{libc}[a-z0-9_.]*_{machine}[a-z0-9_.]*"
    for link in re.findall(r'href="([^"]+)"', page):
        address, fragment = urldefrag(urljoin(base, unescape(link)))
        name = unquote(address.rpartition("/")[2])
        kind, _, digest = fragment.partition("=")
        if kind == "sha256" and re.match(rf"uv-{re.escape(UV_NAME)}-py3-none-{wanted}\.whl$", name):
            return address, digest
    raise SetupError(f"the index {base} has no wheel of uv {UV_NAME} for {sys.platform} {machine}")


def _get(address: str) -> bytes:
    """Over HTTPS: by urllib, else by curl, which may know this machine's certificates and proxies better."""
    try:
        with urllib.request.urlopen(address, timeout=60) as answer:  # noqa: S310  the index the user chose
            content: bytes = answer.read()
    except OSError as error:
        curl = shutil.which("curl")
        if not curl:
            raise SetupError(f"{address}: {error}") from error
        command = [curl, "--fail", "--silent", "--show-error", "--location", "--max-time", "300", address]
        content = subprocess.run(command, capture_output=True, check=True).stdout
    return content


def sync(name: str, folder: Path, data: Path) -> None:
    """Makes one environment what its lock file says, unless its stamp says it is. Raises SetupError."""
    stamp = data / "environments" / f"{name}.json"
    state = _state_of(folder)
    if (folder / ".venv" / "bin" / "python").exists() and stamp.exists() and stamp.read_text() == state:
        return
    uv = find_uv(data)
    python = (folder / ".python-version").read_text().strip()
    environment = clean_environment()
    environment["PATH"] = os.pathsep.join([environment.get("PATH", os.defpath), *_pyenv_folders(python)])
    with progress(f"Installing the {name} environment (Python {python})"):
        command = [str(uv), "sync", "--frozen", "--python", python]
        # On a terminal uv draws its own bar.
        command += [] if sys.stderr.isatty() else ["--quiet"]
        if run_patiently(command, folder, environment):
            raise SetupError(
                f"The {name} environment could not be installed (uv's words are above). "
                f"It takes the package index and Python {python}, from this machine or by uv's own download."
            )
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(state)


def clean_environment() -> dict[str, str]:
    """The environment without what would choose a Python for us."""
    return {key: value for key, value in os.environ.items() if key not in OURS_TO_CHOOSE}


def _pyenv_folders(python: str) -> list[str]:
    """Where pyenv keeps Pythons of this version: its shims find them only where it was told to."""
    root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    return [str(path) for path in sorted(root.glob(f"versions/{python}.*/bin"), reverse=True)]


def _state_of(folder: Path) -> str:
    files = ("uv.lock", "pyproject.toml", ".python-version")
    hashes = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in files}
    return json.dumps({**hashes, "folder": str(folder)}, sort_keys=True)


def main(arguments: list[str]) -> int:
    """Sets everything up, then becomes ``python -m stack`` with these arguments."""
    try:
        for name, folder in ENVIRONMENTS.items():
            sync(name, folder, DATA)
    except SetupError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    if not arguments:
        return 0
    os.chdir(ROOT)
    python = str(ROOT / ".venv" / "bin" / "python")
    return os.execve(python, [python, "-m", "stack", *arguments], clean_environment())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
