"""What search reads, as rows; ``indexing.py`` writes them. See ``search.py`` for how they answer a query."""

from uuid import UUID

from sqlalchemy import Boolean, ForeignKey, Index, SmallInteger, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from commerce_api.core.columns import refers
from commerce_api.core.database import Base, TenantOwned

_ORDER = ("is_for_sale", text("in_stock desc"), "position", "name_key", "id")


class ProductSearch(TenantOwned, Base):
    """A product as search sees it; its id is the product's.

    ``tokens`` are ``<first 8 digits of the tenant><class><word>``: class ``!`` for a word of the name, ``+``
    for one of name, category or attributes, ``.`` for one of anything, ``=`` for all of the name's words,
    ``#`` for a SKU, ``/`` for the id of a category that holds it; and ``$`` alone when it is in stock.
    """

    __tablename__ = "product_search"
    __table_args__ = (
        refers("id", "products"),
        Index(
            "ix_product_search_tokens",
            "tokens",
            postgresql_using="gin",
            postgresql_with={"fastupdate": "off"},
        ),
        Index("ix_product_search_browse", "tenant_id", *_ORDER),
        Index("ix_product_search_category", "tenant_id", "category_id", *_ORDER),
        refers("category_id", "categories"),
    )

    category_id: Mapped[UUID | None]
    is_for_sale: Mapped[bool] = mapped_column(Boolean)
    in_stock: Mapped[bool] = mapped_column(Boolean)
    position: Mapped[int]
    name_words: Mapped[int] = mapped_column(SmallInteger)
    name_key: Mapped[str] = mapped_column(Text(collation="C"))
    tokens: Mapped[list[str]] = mapped_column(ARRAY(Text), deferred=True)


class ProductWord(Base):
    """A word some product has, or had: ``shown`` is its spelling there, ``kinds`` where it stood."""

    __tablename__ = "product_words"

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id"), primary_key=True)
    word: Mapped[str] = mapped_column(Text(collation="C"), primary_key=True)
    shown: Mapped[str]
    kinds: Mapped[int] = mapped_column(SmallInteger)


class WordKey(Base):
    """A word's spelling with letters left out, so that a misspelling with letters left out meets it."""

    __tablename__ = "word_keys"

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("tenants.id"), primary_key=True)
    key: Mapped[str] = mapped_column(Text(collation="C"), primary_key=True)
    word: Mapped[str] = mapped_column(Text(collation="C"), primary_key=True)
