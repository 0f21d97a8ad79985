"""CSV files in and out of the catalogue."""

from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from commerce_api.catalogue import cells, importing, queries, sheet
from commerce_api.catalogue.errors import CsvInvalid
from commerce_api.catalogue.models import Product, UpsellPair, Variant
from commerce_api.catalogue.search import Scope
from commerce_api.catalogue.sheet import Dialect
from commerce_api.core import formulas
from commerce_api.core.tenancy import enter
from commerce_api.tenants.models import Tenant
from tests.commerce_api.shelves import MakeProduct
from tests.conftest import MakeTenant

ROOT = Path(__file__).resolve().parents[3]
DEMO = ROOT / "commerce_api" / "demo" / "catalogues"
LAGOS = ZoneInfo("Africa/Lagos")
HEADER = "product_sku,name,category,variant_sku,variant,attributes,price,stock\n"


async def take_in(session: AsyncSession, tenant: Tenant, written: str | bytes) -> importing.Imported:
    content = written.encode() if isinstance(written, str) else written
    return await importing.import_csv(session, content, tenant=tenant)


async def faults_of(session: AsyncSession, tenant: Tenant, written: str | bytes) -> list[tuple[int, str]]:
    with pytest.raises(CsvInvalid) as caught:
        await take_in(session, tenant, written)
    faults: list[dict[str, Any]] = caught.value.facts["errors"]
    assert all(fault["fault"] for fault in faults)
    return [(fault["row"], fault["column"]) for fault in faults]


@pytest.mark.parametrize("slug", ["mama-ngozi", "duka-amina", "chez-awa"])
async def test_the_demo_catalogues_come_in_and_their_export_changes_nothing(
    entered: AsyncSession, tenant: Tenant, slug: str
) -> None:
    first = await take_in(entered, tenant, (DEMO / f"{slug}.csv").read_bytes())
    exported = await importing.export_csv(entered, tenant=tenant)
    second = await take_in(entered, tenant, exported)
    assert first.imported > 40
    assert (second.imported, second.updated) == (0, first.imported)
    assert await importing.export_csv(entered, tenant=tenant) == exported


async def test_a_row_makes_a_product_and_the_same_row_again_changes_it(
    entered: AsyncSession, tenant: Tenant
) -> None:
    await take_in(entered, tenant, HEADER + "P1,Kettle,Home > Kitchen,V1,,colour=Blue; size=M,1500.50,7\n")
    await take_in(entered, tenant, HEADER + "P1,Tea kettle,Home > Kitchen,V1,,colour=Red,1600,\n")
    hits, [kettle] = await queries.shop_window(entered, "red tea kettle", Scope())
    [variant] = kettle.variants
    assert (hits.total, kettle.sku, variant.sku) == (1, "P1", "V1")
    assert (variant.regular_price, variant.stock, variant.attributes) == (160_000, 7, {"colour": "Red"})
    tree, counts = await queries.categories(entered)
    assert [tree.path(category.id) for category in tree.in_order()] == ["Home", "Home > Kitchen"]
    assert set(counts.values()) == {1}


async def test_every_bad_row_is_named_and_nothing_is_written(entered: AsyncSession, tenant: Tenant) -> None:
    written = HEADER + (
        "P1,Kettle,Home,V1,,,1500,7\n"
        "P2,Pot,Home,V2,,,cheap,7\n"
        "P3,,Home,V3,,,100,-1\n"
        ",Pan,Home,V4,,,100,1\n"
        "P5,Cup,Home,V1,,,100,1\n"
        "P6,Jug,Home,V6,,colour,100,1\n"
        "P7,Mug,Home,V7,Small,,100,1\n"
        "P7,Cup,Home,V8,,,100.505,1\n"
        "P9,Tray,Home,V9,,,100,1,more,cells\n"
    )
    assert await faults_of(entered, tenant, written) == [
        (3, "price"),
        (4, "stock"),
        (5, "product_sku"),
        (6, "variant_sku"),
        (7, "attributes"),
        (9, "price"),
        (10, ""),
    ]
    assert await entered.scalar(select(func.count()).select_from(Product)) == 0


@pytest.mark.parametrize(
    ("row", "at"),
    [
        ("P1,Kettle,,,V1,,,100,100,,,1,yes,", "sale_price"),
        ("P1,Kettle,,,V1,,,100,,2026-01-01,,1,yes,", "sale_price"),
        ("P1,Kettle,,,V1,,,100,50,2026-02-01,2026-01-01,1,yes,", "sale_until"),
        ("P1,Kettle,,,V1,,,100,50,tomorrow,,1,yes,", "sale_from"),
        ("P1,Kettle,,,V1,,,100,50,9999-12-31,,1,yes,", "sale_from"),
        ("P1,Kettle,,,V1,,,100,,,,1,perhaps,", "is_active"),
        ("P1,Kettle,,,V1,,,100,,,,1,yes,P1", "upsells"),
        ("P1,Kettle,,,V1,,,100,,,,1,yes,P404", "upsells"),
        ("P1,Kettle,A > > B,,V1,,,100,,,,1,yes,", "category"),
        ("P1,Kettle,,,V1,,,99999999999,,,,1,yes,", "price"),
        ("P1,Kettle,,,V1,,,1e3,,,,1,yes,", "price"),
        ("P1,Kettle,,,V1,,,-5,,,,1,yes,", "price"),
        ("P1,Kettle,,,V1,,,100,,,,99999999999,yes,", "stock"),
        (f"P1,{'x' * 201},,,V1,,,100,,,,1,yes,", "name"),
        ("P1,Ket\x00tle,,,V1,,,100,,,,1,yes,", "name"),
        ("P;1,Kettle,,,V1,,,100,,,,1,yes,", "product_sku"),
    ],
)
async def test_a_cell_at_fault_is_named_by_row_and_column(
    entered: AsyncSession, tenant: Tenant, row: str, at: str
) -> None:
    columns = ",".join(column for column in sheet.COLUMNS if column != "description")
    assert await faults_of(entered, tenant, f"{columns}\n{row}\n") == [(2, at)]


@pytest.mark.parametrize(
    ("content", "at"),
    [
        (b"", "product_sku"),
        (b"\xff\xfe\x00", ""),
        (b"PK\x03\x04\x81\x8d", ""),
        (b"product_sku,name,price,prise\nP1,Kettle,1,1\n", "prise"),
        (b"product_sku,name,price,price\nP1,Kettle,1,1\n", "price"),
        (b"product_sku,price\nP1,1\n", "name"),
    ],
)
async def test_a_file_that_is_no_such_sheet_is_refused_by_its_first_row(
    entered: AsyncSession, tenant: Tenant, content: bytes, at: str
) -> None:
    assert (1, at) in await faults_of(entered, tenant, content)


async def test_quotes_that_do_not_match_up_are_named(entered: AsyncSession, tenant: Tenant) -> None:
    assert await faults_of(entered, tenant, 'product_sku,name,price\nP1,"Kettle,1\nP2,Pot,1\n') == [(2, "")]


@pytest.mark.parametrize(
    "content",
    [
        "product_sku;name;price\nP1;Crème brûlée;1500,50\n".encode("cp1252"),
        "\ufeffproduct_sku\tname\tprice\r\nP1\tCrème brûlée\t1500.50\r\n".encode(),
        'product_sku,name,price\n\nP1,Crème brûlée,"1,500.50"\n,,\n'.encode("utf-16"),
        "PRODUCT_SKU, Name ,price\nP1,Crème brûlée,1\u00a0500.50\n".encode(),
    ],
)
async def test_what_spreadsheets_write_is_read(entered: AsyncSession, tenant: Tenant, content: bytes) -> None:
    await take_in(entered, tenant, content)
    _, [product] = await queries.shop_window(entered, None, Scope())
    assert (product.name, product.variants[0].regular_price, product.variants[0].sku) == (
        "Crème brûlée",
        150_050,
        "P1",
    )


async def test_a_currency_without_decimals_has_none(session: AsyncSession, make_tenant: MakeTenant) -> None:
    tenant = await make_tenant(currency="XOF")
    await enter(session, tenant.id)
    assert await faults_of(session, tenant, "product_sku,name,price\nP1,Pagne,15000.50\n") == [(2, "price")]
    await take_in(session, tenant, "product_sku,name,price\nP1,Pagne,15 000\n")
    assert await session.scalar(select(Variant.regular_price)) == 15_000


async def test_upsells_keep_the_order_of_the_file(entered: AsyncSession, tenant: Tenant) -> None:
    rows = "P1,Kettle,1,P3;P2\nP2,Cup,1,\nP3,Tea,1,P1\n"
    await take_in(entered, tenant, "product_sku,name,price,upsells\n" + rows)
    pairs = await entered.execute(
        select(Product.sku, UpsellPair.weight)
        .join(UpsellPair, UpsellPair.offered_id == Product.id)
        .order_by(UpsellPair.product_id, UpsellPair.weight.desc())
    )
    assert sorted((row.sku, row.weight) for row in pairs) == [("P1", 1), ("P2", 1), ("P3", 2)]


async def test_a_variant_of_another_product_is_not_taken_over(
    make_product: MakeProduct, entered: AsyncSession, tenant: Tenant
) -> None:
    await make_product("Kettle", sku="P1")
    assert await faults_of(entered, tenant, HEADER + "P2,Pot,,P1-0,,,100,1\n") == [(2, "variant_sku")]
    assert await faults_of(entered, tenant, HEADER + "P1,Kettle,,P1-9,Large,,100,1\n") == [(2, "variant")]


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=30).map(str.strip)
FORMULAS = st.builds(str.__add__, st.sampled_from(["=", "+", "-", "@", "'=", "''@", "＝", "'"]), TEXTS).map(
    str.strip
)
CELLS = st.one_of(TEXTS, FORMULAS)


@given(CELLS)
def test_no_cell_that_goes_out_is_a_formula_and_each_comes_back_as_it_was(cell: str) -> None:
    out = formulas.neutral(cell)
    assert not out.startswith(("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"))
    assert formulas.original(out) == cell


@given(amount=st.integers(0, 10**10), digits=st.sampled_from([0, 2]))
def test_a_price_comes_back_as_it_was(amount: int, digits: int) -> None:
    assert cells.price(cells.price_cell(amount, digits), digits) == amount


@given(
    names=st.lists(CELLS.map(lambda cell: cell or "x"), min_size=1, max_size=5),
    description=CELLS,
    attributes=st.dictionaries(
        *[st.text("abcÀé -+@'", max_size=9).map(lambda text: text.strip() or "x")] * 2, max_size=3
    ),
    price=st.integers(1, 10**9),
    stock=st.integers(0, 10**6),
    begins=st.datetimes(datetime(2001, 1, 1), datetime(2099, 1, 1), timezones=st.just(LAGOS)),  # noqa: DTZ001 -- Hypothesis adds the zone
)
def test_any_sheet_that_is_written_reads_back_the_same(
    names: list[str], description: str, attributes: dict[str, str], price: int, stock: int, begins: datetime
) -> None:
    rows = [
        {
            **dict.fromkeys(sheet.COLUMNS, ""),
            "product_sku": f"P{place}",
            "name": name,
            "description": description,
            "attributes": cells.attributes_cell(attributes),
            "price": cells.price_cell(price, 2),
            "sale_price": cells.price_cell(price - 1, 2),
            "sale_from": cells.moment_cell(begins, LAGOS),
            "stock": str(stock),
        }
        for place, name in enumerate(names)
    ]
    read = sheet.read(sheet.write(iter(rows)).encode(), Dialect(2, LAGOS))
    assert read.faults == []
    assert [row.values["name"] for row in read.rows] == names
    for row in read.rows:
        assert (row.values["description"] or "") == description
        assert (row.values["attributes"] or {}) == attributes
        assert (row.values["price"], row.values["sale_price"], row.values["stock"]) == (
            price,
            price - 1,
            stock,
        )
        assert row.values["sale_from"] == begins


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused_with_their_rows(content: bytes) -> None:
    read = sheet.read(content, Dialect(2, LAGOS))
    assert all(fault.row >= 1 and fault.fault for fault in read.faults)
