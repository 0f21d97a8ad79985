"""Logs: one JSON object a line, from our code and from every library, masked as ``core/masking.py`` says."""

import logging
import sys
import time
from typing import TextIO
from uuid import uuid4

import structlog
from pydantic import SecretStr
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.types import EventDict, Processor

from commerce_api.core.masking import Mask
from commerce_api.core.settings import Settings

log = structlog.get_logger(__name__)

# These are ours or harmless; a time stamp's digits would look like a phone number.
UNMASKED = ("timestamp", "level", "logger")
# Our own line for each request replaces uvicorn's; SQL and outgoing addresses are noise unless they fail.
QUIET = ("uvicorn.access", "httpx", "httpcore", "sqlalchemy.engine", "procrastinate")


def configure(settings: Settings, *, stream: TextIO | None = None) -> None:
    """Sends every log of this process, masked, to ``stream`` (else standard output)."""
    mask = _masking(Mask(_secrets_of(settings)))
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    finish: list[Processor] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
        mask,
        structlog.processors.JSONRenderer(ensure_ascii=False),
    ]
    handler = logging.StreamHandler(stream or sys.stdout)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=finish))
    _take_over(handler)


def _take_over(handler: logging.Handler) -> None:
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers = []
        logger.propagate = True
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def _masking(mask: Mask) -> Processor:
    def processor(_: object, __: str, event: EventDict) -> EventDict:
        # uvicorn says everything twice, once for terminals.
        event.pop("color_message", None)
        kept = {name: event.pop(name) for name in UNMASKED if name in event}
        return {**kept, **mask.value(event)}

    return processor


def _secrets_of(settings: Settings) -> list[str]:
    fields = (getattr(settings, name) for name in type(settings).model_fields)
    return [field.get_secret_value() for field in fields if isinstance(field, SecretStr)]


class RequestLog:
    """ASGI middleware: one line a request; its id is on every line of it and in ``X-Request-Id``."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on and logs method, path, status and milliseconds once it is answered."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, request_id, status = time.perf_counter(), uuid4().hex, 500

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), (b"x-request-id", request_id.encode())]
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._app(scope, receive, noting)
            finally:
                took = round((time.perf_counter() - started) * 1000, 1)
                log.info("request", method=scope["method"], path=scope["path"], status=status, ms=took)
