"""``python -m commerce_api.demo``: seeds the demo sellers into ``DATABASE_URL``, once.

Refuses outside demo mode: the demo logins share a published password.
"""

import asyncio
import sys

from commerce_api.core import clock, secrets
from commerce_api.core import settings as settings_module
from commerce_api.core.database import Database
from commerce_api.demo.seeding import seed


async def main() -> None:
    """Seeds, and says which sellers are new."""
    settings = settings_module.load()
    if not settings.demo:
        sys.exit("Demo sellers have a published password: they are seeded with DEMO=1 only.")
    database = Database(settings.database_url.get_secret_value(), pool_size=2)
    try:
        new = await seed(database, secrets.vault(settings), clock.now())
    finally:
        await database.close()
    print(f"demo sellers: {', '.join(new) if new else 'all there'}")  # noqa: T201 -- a command's answer


if __name__ == "__main__":
    asyncio.run(main())
