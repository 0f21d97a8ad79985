"""Categories, products, variants, photos, upsell pairs and their search index."""

from uuid import UUID

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from commerce_api.core.schema import fence, lookup, open_for_lookup

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TABLES = (
    "categories",
    "products",
    "variants",
    "photos",
    "upsell_pairs",
    "product_search",
    "product_words",
    "word_keys",
)
MAX_STOCK = 10_000_000
MAX_PRICE = 10**10


def upgrade() -> None:
    _categories()
    _products()
    _variants()
    _photos()
    _upsell_pairs()
    _search()
    for table in TABLES:
        fence(table)
    open_for_lookup("photos")
    open_for_lookup("product_search")
    lookup(
        "photo(key text)",
        "table (tenant_id uuid, id uuid)",
        "select photos.tenant_id, photos.id from photos where photos.key = photo.key",
    )


def _owned() -> tuple[sa.Column[UUID], sa.Column[UUID]]:
    return (sa.Column("tenant_id", sa.Uuid, primary_key=True), sa.Column("id", sa.Uuid, primary_key=True))


def _to(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["tenant_id", column], [f"{table}.tenant_id", f"{table}.id"])


def _categories() -> None:
    op.create_table(
        "categories",
        *_owned(),
        sa.Column("parent_id", sa.Uuid),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("slug", sa.Text, nullable=False),
        sa.Column("position", sa.Integer, nullable=False, server_default="0"),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
        _to("categories", "parent_id"),
        sa.UniqueConstraint("tenant_id", "slug"),
        sa.CheckConstraint("parent_id <> id", name="not_own_parent"),
    )
    op.create_index("ix_categories_parent", "categories", ["tenant_id", "parent_id"])


def _products() -> None:
    op.create_table(
        "products",
        *_owned(),
        sa.Column("sku", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("description", sa.Text),
        sa.Column("category_id", sa.Uuid),
        sa.Column("unit", sa.Text),
        sa.Column("is_active", sa.Boolean, nullable=False, server_default=sa.true()),
        sa.Column("in_stock", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("position", sa.Integer, nullable=False, server_default="0"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
        _to("categories", "category_id"),
        sa.UniqueConstraint("tenant_id", "sku"),
    )
    op.create_index("ix_products_name", "products", ["tenant_id", "name", "id"])
    op.create_index("ix_products_category", "products", ["tenant_id", "category_id"])


def _variants() -> None:
    op.create_table(
        "variants",
        *_owned(),
        sa.Column("product_id", sa.Uuid, nullable=False),
        sa.Column("sku", sa.Text, nullable=False),
        sa.Column("name", sa.Text),
        sa.Column("attributes", JSONB, nullable=False, server_default="{}"),
        sa.Column("regular_price", sa.BigInteger, nullable=False),
        sa.Column("sale_price", sa.BigInteger),
        sa.Column("sale_from", sa.DateTime(timezone=True)),
        sa.Column("sale_until", sa.DateTime(timezone=True)),
        sa.Column("stock", sa.Integer, nullable=False, server_default="0"),
        sa.Column("is_active", sa.Boolean, nullable=False, server_default=sa.true()),
        sa.Column("position", sa.Integer, nullable=False, server_default="0"),
        _to("products", "product_id"),
        sa.UniqueConstraint("tenant_id", "sku"),
        sa.CheckConstraint(f"stock between 0 and {MAX_STOCK}", name="stock_bounds"),
        sa.CheckConstraint(f"regular_price between 0 and {MAX_PRICE}", name="regular_price_bounds"),
        sa.CheckConstraint(f"sale_price between 0 and {MAX_PRICE}", name="sale_price_bounds"),
        sa.CheckConstraint("sale_from < sale_until", name="sale_order"),
    )
    op.create_index("ix_variants_product", "variants", ["tenant_id", "product_id", "position"])
    op.create_index("ix_variants_stock", "variants", ["tenant_id", "stock"])


def _photos() -> None:
    op.create_table(
        "photos",
        *_owned(),
        sa.Column("product_id", sa.Uuid, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("width", sa.Integer, nullable=False),
        sa.Column("height", sa.Integer, nullable=False),
        sa.Column("position", sa.Integer, nullable=False, server_default="0"),
        _to("products", "product_id"),
        # Not by tenant: the key alone names a photo in public, before any tenant is known.
        sa.UniqueConstraint("key"),
    )
    op.create_index("ix_photos_product", "photos", ["tenant_id", "product_id", "position"])


def _upsell_pairs() -> None:
    op.create_table(
        "upsell_pairs",
        *_owned(),
        sa.Column("product_id", sa.Uuid, nullable=False),
        sa.Column("offered_id", sa.Uuid, nullable=False),
        sa.Column("weight", sa.Integer, nullable=False, server_default="1"),
        _to("products", "product_id"),
        _to("products", "offered_id"),
        sa.UniqueConstraint("tenant_id", "product_id", "offered_id"),
        sa.CheckConstraint("product_id <> offered_id", name="not_itself"),
    )


def _search() -> None:
    op.create_table(
        "product_search",
        *_owned(),
        sa.Column("category_id", sa.Uuid),
        sa.Column("is_for_sale", sa.Boolean, nullable=False),
        sa.Column("in_stock", sa.Boolean, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("name_words", sa.SmallInteger, nullable=False),
        sa.Column("name_key", sa.Text(collation="C"), nullable=False),
        sa.Column("tokens", ARRAY(sa.Text), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id", "id"], ["products.tenant_id", "products.id"]),
        _to("categories", "category_id"),
    )
    # Without the pending list a search costs the same just after an import as before it.
    op.execute(
        "create index ix_product_search_tokens on product_search using gin (tokens) with (fastupdate = off)"
    )
    order: tuple[str | sa.TextClause, ...] = (
        "is_for_sale",
        sa.text("in_stock desc"),
        "position",
        "name_key",
        "id",
    )
    op.create_index("ix_product_search_browse", "product_search", ["tenant_id", *order])
    op.create_index("ix_product_search_category", "product_search", ["tenant_id", "category_id", *order])
    op.create_table(
        "product_words",
        sa.Column("tenant_id", sa.Uuid, sa.ForeignKey("tenants.id"), primary_key=True),
        sa.Column("word", sa.Text(collation="C"), primary_key=True),
        sa.Column("shown", sa.Text, nullable=False),
        sa.Column("kinds", sa.SmallInteger, nullable=False),
    )
    op.create_table(
        "word_keys",
        sa.Column("tenant_id", sa.Uuid, sa.ForeignKey("tenants.id"), primary_key=True),
        sa.Column("key", sa.Text(collation="C"), primary_key=True),
        sa.Column("word", sa.Text(collation="C"), primary_key=True),
    )
    _search_functions()


# The array operators are not leakproof, so under row-level security PostgreSQL would filter every row of the
# tenant instead of using their index. These functions may use it, and take the tenant from the transaction
# itself: a caller can't name another.
#
# ``tiers`` are sets of products, the best first, the last holding all the others; ``needed`` tokens must all
# be there and of the ``wished`` ones any. A common word has more hits than can be ranked in time, so of each
# tier the first ``most`` are: those in stock before the others. The count, too, ends at ``most``; it is taken
# after two tiers, since one that is full makes it needless, and it may spare reading the others.
BEST_PRODUCTS = """
declare
    tenant constant uuid := nullif(current_setting('app.tenant_id', true), '')::uuid;
    prefix constant text := left(tenant::text, 8);
    last constant int := jsonb_array_length(tiers) - 1;
    enough constant int := wanted + skipped;
    step int;
    tier jsonb;
    needed text[];
    wished text[];
    those text;
    total bigint;
    seen bigint;
    ids uuid[] := '{}';
    more uuid[];
begin
    -- -1 is the count.
    foreach step in array (array[0, 1, -1] || array(select generate_series(2, last))) loop
        continue when step > last or (step = -1 and total is not null);
        continue when step >= 0 and cardinality(ids) >= least(enough, total);
        tier := tiers -> (case step when -1 then last else step end);
        select coalesce(array_agg(prefix || t), '{}') into needed
        from jsonb_array_elements_text(tier -> 'needed') t;
        select coalesce(array_agg(prefix || t), '{}') into wished
        from jsonb_array_elements_text(tier -> 'wished') t;
        those := ' from product_search s where s.tenant_id = $1 and (s.is_for_sale or not $2)'
            || case when wished = '{}' then '' else ' and s.tokens && $3' end;
        if step = -1 then
            execute 'select count(*) from (select' || those
                || case when needed = '{}' then '' else ' and s.tokens @> $4' end || ' limit $5) hits'
            into total using tenant, for_sale, wished, needed, most;
            continue;
        end if;
        needed := needed || (prefix || '$');
        for pass in 1 .. 2 loop
            exit when cardinality(ids) >= least(enough, total);
            execute 'with hits as materialized (select s.id, s.name_words, s.position, s.name_key' || those
                || case when needed = '{}' then '' else ' and s.tokens @> $4' end
                || ' and s.id <> all ($6) limit $5) select (select count(*) from hits),'
                || ' array(select id from hits order by name_words, position, name_key, id limit $7)'
            into seen, more
            using tenant, for_sale, wished, needed, most, ids, enough - cardinality(ids);
            ids := ids || more;
            total := case when seen >= most then most else total end;
            needed := trim_array(needed, 1);
        end loop;
    end loop;
    return query select ids[place], total
    from generate_series(skipped + 1, greatest(skipped + 1, least(enough, cardinality(ids)))) place;
end
"""

WORD_USES = """
select asked, (
    select count(*)::int from (
        select from product_search s
        where s.tenant_id = tenant.id and (s.is_for_sale or not for_sale)
          and s.tokens @> array[left(tenant.id::text, 8) || '.' || asked]
        limit 1000
    ) hits
)
from unnest(words) asked, (select nullif(current_setting('app.tenant_id', true), '')::uuid as id) tenant
"""


def _search_functions() -> None:
    lookup(
        "best_products(tiers jsonb, for_sale bool, wanted int, skipped int, most int)",
        "table (id uuid, total_found bigint)",
        BEST_PRODUCTS,
        language="plpgsql",
    )
    lookup("word_uses(words text[], for_sale bool)", "table (word text, uses int)", WORD_USES)
    # Where hits are plenty and a limit near, the planner would rather read through every shop's rows.
    for name in ("best_products", "word_uses"):
        op.execute(f"alter function lookup.{name} set enable_seqscan to off")


def downgrade() -> None:
    op.execute(
        "drop function lookup.photo(text), lookup.word_uses(text[], bool),"
        " lookup.best_products(jsonb, bool, int, int, int)"
    )
    for table in reversed(TABLES):
        op.drop_table(table)
