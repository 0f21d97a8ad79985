"""The assembled API: its document, and what it answers around the endpoints."""

from collections import Counter
from pathlib import Path

import httpx
import pytest

from commerce_api.core import settings
from commerce_api.main import ROUTERS, create_app
from tests.commerce_api import openapi
from tests.conftest import SERVICE

DOCUMENT = openapi.DOCUMENT


async def test_the_docs_open_and_the_document_is_served(api: httpx.AsyncClient) -> None:
    page = await api.get("/docs")
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert (await api.get("/openapi.json")).json() == DOCUMENT


def test_every_operation_has_an_id_and_one_tag_of_its_own() -> None:
    operations = [route.operation for route in openapi.routes()]
    counted = Counter(operation["operationId"] for operation in operations)
    assert [name for name, times in counted.items() if times > 1] == []
    assert {tag for operation in operations for tag in operation["tags"]} == {tag for _, _, tag in ROUTERS}
    assert all(len(operation["tags"]) == 1 for operation in operations)


def test_every_operation_says_what_it_does() -> None:
    silent = [str(route) for route in openapi.routes() if not route.operation.get("description")]
    assert silent == []


def test_the_document_names_both_kinds_of_token() -> None:
    schemes = DOCUMENT["components"]["securitySchemes"]
    assert set(schemes) == {"person", "service token"}
    assert schemes["person"]["flows"]["password"]["tokenUrl"] == "/api/v1/auth/token"
    open_to_all = {
        str(route)
        for route in openapi.routes()
        if not route.operation.get("security") and "bot" not in route.path
    }
    assert open_to_all == {
        "GET /healthz",
        "GET /media/{key}.jpg",
        "GET /media/said/{photo_key}.jpg",
        "POST /api/v1/auth/token",
        "POST /api/v1/auth/invitation",
        "POST /api/v1/auth/password-reset",
        "POST /api/v1/auth/password-reset/finish",
        "POST /api/v1/payments/callbacks/{provider}",
        "GET /api/v1/payments/return",
    }


def test_without_settings_the_process_ends_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DEMO", "0")
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@nowhere/none")
    settings.load.cache_clear()
    with pytest.raises(SystemExit, match=r"The settings can't be used: .*SERVICE_TOKEN"):
        create_app()
    settings.load.cache_clear()


async def test_what_is_not_there_is_problem_details_with_a_request_id(api: httpx.AsyncClient) -> None:
    for method, path, status in (("GET", "/nothing", 404), ("DELETE", "/api/v1/me", 405)):
        answer = await api.request(method, path, headers=SERVICE)
        assert answer.status_code == answer.json()["status"] == status
        assert answer.headers["content-type"] == "application/problem+json"
        assert len(answer.headers["x-request-id"]) == 32
