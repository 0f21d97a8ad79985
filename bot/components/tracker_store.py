"""Rasa's tracker store in our PostgreSQL, which never falls back to memory.

Rasa's own waits for ever for a database that isn't there, and with a wrong setting keeps all in memory. This
one stops the process at start. That a database which goes away later fails the turn, instead of meeting the
shopper as a stranger, is the connector's doing (``channels/connector/webhook.py``).
"""

from __future__ import annotations

from typing import Any, Optional

import sqlalchemy as sa
from rasa.core.tracker_store import SQLTrackerStore
from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError

CONNECT_SECONDS = 5
POOL_SIZE = 5


class BotTrackerStore(SQLTrackerStore):  # type: ignore[misc]  # Rasa ships no types for it
    """Events in the table ``events`` of the login's own schema.

    ``host`` is ``url`` of ``bot/endpoints.yml``, a libpq URL. Raises SystemExit with a sentence when the
    database can't be used at start.
    """

    def __init__(self, domain: Any = None, host: Optional[str] = None, event_broker: Any = None) -> None:
        super(SQLTrackerStore, self).__init__(domain, event_broker)
        self.engine = _engine(host or "")
        self.sessionmaker = sa.orm.sessionmaker(bind=self.engine)
        try:
            self.Base.metadata.create_all(self.engine)
        except SQLAlchemyError as error:
            raise SystemExit(
                f"The tracker store's database can't be used ({type(error).__name__})."
            ) from error


def _engine(url: str) -> Engine:
    try:
        made: Engine = sa.create_engine(
            url,
            pool_size=POOL_SIZE,
            max_overflow=POOL_SIZE,
            pool_pre_ping=True,
            connect_args={"connect_timeout": CONNECT_SECONDS},
        )
    except (SQLAlchemyError, ImportError) as error:
        raise SystemExit("BOT_DATABASE_URL is not a database URL; it begins with postgresql://") from error
    return made
