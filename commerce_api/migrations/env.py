"""Alembic's entry: migrates the database that ``DATABASE_OWNER_URL`` names (else ``DATABASE_URL``)."""

import os

from alembic import context
from sqlalchemy import create_engine, pool

from commerce_api.core.database import Base, to_psycopg

url = os.environ.get("DATABASE_OWNER_URL") or os.environ["DATABASE_URL"]
engine = create_engine(to_psycopg(url), poolclass=pool.NullPool)
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=Base.metadata, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()
