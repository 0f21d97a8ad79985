"""Whether everything a shopper needs answers: database, worker, Rasa, actions."""

import asyncio
from collections.abc import Awaitable
from typing import Literal

import httpx
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from commerce_api.core.database import Database
from commerce_api.core.settings import Settings

PATIENCE = 2.0
# A worker writes its heartbeat every ten seconds.
FRESH = "30 seconds"

router = APIRouter()


class HealthRead(BaseModel):
    """``checks`` maps each part to ``up`` or to a short reason why it is not."""

    status: Literal["up", "down"]
    checks: dict[str, str]


class _Down(Exception):
    """Carries the short reason."""


@router.get("/healthz", response_model=HealthRead, responses={503: {"model": HealthRead}})
async def healthz(request: Request) -> JSONResponse:
    """200 when database, worker, Rasa and action server all answer; else 503 naming what is down."""
    health = await read(request.app.state.database, request.app.state.http, request.app.state.settings)
    return JSONResponse(health.model_dump(), status_code=200 if health.status == "up" else 503)


async def read(database: Database, http: httpx.AsyncClient, settings: Settings) -> HealthRead:
    """Every check, side by side, each within two seconds."""
    checks = {
        "database": _database(database),
        "worker": _worker(database),
        "rasa": _page(http, f"{settings.rasa_url}/"),
        "actions": _page(http, f"{settings.actions_url}/health"),
    }
    results = await asyncio.gather(*(_within(check) for check in checks.values()))
    named = dict(zip(checks, results, strict=True))
    return HealthRead(status="up" if set(results) == {"up"} else "down", checks=named)


async def _within(check: Awaitable[None]) -> str:
    try:
        async with asyncio.timeout(PATIENCE):
            await check
    except TimeoutError:
        return f"no answer within {PATIENCE:g} s"
    except (SQLAlchemyError, httpx.HTTPError, OSError) as error:
        return f"can't be reached ({type(error).__name__})"
    except _Down as down:
        return str(down)
    return "up"


async def _database(database: Database) -> None:
    async with database.transaction() as session:
        await session.execute(text("select 1"))


async def _worker(database: Database) -> None:
    beats = text(f"select max(last_heartbeat) > now() - interval '{FRESH}' from procrastinate_workers")  # noqa: S608
    async with database.transaction() as session:
        is_fresh = await session.scalar(beats)
    if not is_fresh:
        raise _Down(f"no heartbeat for {FRESH}" if is_fresh is False else "none has started")


async def _page(http: httpx.AsyncClient, url: str) -> None:
    status = (await http.get(url)).status_code
    if status != httpx.codes.OK:
        raise _Down(f"answered {status}")
