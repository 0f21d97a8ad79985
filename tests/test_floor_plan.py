"""The floor plan holds, and it would notice: a wrong import in a copy of the tree fails it."""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from stack.settings import ROOT
from stack.tables import find_foreign_tables

ROOMS = ["actions", "bot", "channels", "commerce_api", "commerce_client", "console", "simulator", "stack"]
LINT = (str(Path(sys.executable).with_name("lint-imports")), "--no-cache", "--no-logo")
Plan = Callable[[], subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python files of every room, and the plan."""
    folder = tmp_path_factory.mktemp("house")
    for room in ROOMS:
        shutil.copytree(
            ROOT / room, folder / room, ignore=shutil.ignore_patterns(".venv", "__pycache__", "data")
        )
    shutil.copy(ROOT / ".importlinter", folder)
    return folder


def look(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(LINT, cwd=folder, capture_output=True, text=True, check=False)


def test_every_import_is_on_the_plan(copied: Path) -> None:
    done = look(copied)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("importer", "line"),
    [
        ("commerce_api/core/money.py", "import commerce_api.orders.service"),
        ("commerce_api/catalogue/service.py", "import commerce_api.carts.service"),
        ("commerce_api/orders/service.py", "import commerce_api.catalogue.queries"),
        ("commerce_api/orders/service.py", "import commerce_client.client"),
        ("commerce_api/tenants/service.py", "import requests"),
        ("commerce_api/main.py", "import channels.connector"),
        ("actions/__init__.py", "import commerce_api.core.money"),
        ("actions/__init__.py", "import channels.registry"),
        ("actions/__init__.py", "import sqlalchemy"),
        ("commerce_client/client.py", "import channels.registry"),
        ("channels/whatsapp/provider.py", "import httpx"),
        ("channels/whatsapp/provider.py", "import http.client"),
        ("channels/whatsapp/provider.py", "import rasa"),
        ("channels/newone/__init__.py", "import httpx"),
        ("channels/newone/__init__.py", "import channels.settings"),
        ("commerce_client/client.py", "import channels.whatsapp"),
        ("channels/registry.py", "import commerce_client.client"),
        ("channels/settings.py", "import commerce_api.core.settings"),
        ("bot/__init__.py", "import commerce_client.client"),
        ("simulator/app.py", "import channels.messages"),
        ("commerce_api/main.py", "import simulator.app"),
        ("stack/system.py", "import commerce_api.main"),
        ("commerce_api/main.py", "import stack.settings"),
        ("commerce_api/main.py", "import console.app"),
        ("console/inbox.py", "import httpx"),
        ("console/inbox.py", "import commerce_client.client"),
        ("commerce_api/somewhere/__init__.py", "import commerce_api.core.money"),
    ],
)
def test_an_import_that_is_not_on_the_plan_fails_it(copied: Path, importer: str, line: str) -> None:
    path = copied / importer
    before = path.read_text() if path.exists() else None
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"{before or ''}\n{line}\n")
    try:
        done = look(copied)
    finally:
        if before is None:
            shutil.rmtree(path.parent)
        else:
            path.write_text(before)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "BROKEN" in done.stdout


def test_a_provider_takes_addresses_apart_and_opens_none() -> None:
    """The plan sees ``urllib`` as one; all that is pure of it is ``urllib.parse``."""
    used = {
        found
        for path in (ROOT / "channels").rglob("*.py")
        for found in re.findall(r"^\s*(?:from|import) (urllib\S*)", path.read_text(), re.MULTILINE)
    }
    assert used == {"urllib.parse"}


def test_no_module_asks_for_a_neighbours_table() -> None:
    assert find_foreign_tables(ROOT / "commerce_api") == []


@pytest.mark.parametrize(
    "statement",
    [
        "select(Product)",
        "select(Product.id).where(Product.sku == sku)",
        "session.get(Product, key)",
        "update(Product)",
    ],
)
def test_asking_for_a_neighbours_table_is_noticed(tmp_path: Path, statement: str) -> None:
    package = tmp_path / "commerce_api"
    (package / "orders").mkdir(parents=True)
    code = f"def find(session, sku, key):\n    return {statement}\n"
    (package / "orders" / "placing.py").write_text(
        f"from commerce_api.catalogue.models import Product\n\n{code}"
    )
    assert find_foreign_tables(package) == [
        "commerce_api/orders/placing.py:4: asks for Product, a neighbour's table"
    ]


def test_naming_a_neighbours_row_is_no_fault(tmp_path: Path) -> None:
    package = tmp_path / "commerce_api"
    (package / "orders").mkdir(parents=True)
    (package / "orders" / "placing.py").write_text(
        "from commerce_api.catalogue.models import Product\nfrom commerce_api.orders.models import Order\n"
        "def find(product: Product):\n    return select(Order).where(Order.product_id == product.id)\n"
    )
    assert find_foreign_tables(package) == []
