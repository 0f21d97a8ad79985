"""Reads the API's own OpenAPI document: its routes, and a body that each would accept."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from commerce_api.core.settings import Settings
from commerce_api.main import create_app

DOCUMENT: dict[str, Any] = create_app(
    Settings(_env_file=None, demo=True, database_url="postgresql://nobody@nowhere/none")  # type: ignore[call-arg, arg-type]
).openapi()

Ids = Mapping[str, str]

# Words that fit a pattern of the document. A new pattern fails the tests until it has one here.
WORDS = (
    "cash_on_delivery",
    "NGN",
    "NG",
    "en",
    "a-slug",
    "ada@test.example",
    "10:30",
    "2026-01-01T00:00:00Z",
    "x",
    "SKU-1",
    "+2348031234567",
)


@dataclass(frozen=True)
class Route:
    """One verb of one path."""

    method: str
    path: str
    operation: dict[str, Any]

    @property
    def parameters(self) -> list[str]:
        """The path's parameters, in order."""
        return re.findall(r"{(\w+)}", self.path)

    @property
    def uuid_queries(self) -> list[str]:
        """Query parameters that name something by its id."""
        queries = [p for p in self.operation.get("parameters", ()) if p["in"] == "query"]
        return [query["name"] for query in queries if _is_uuid(query["schema"])]

    @property
    def media_type(self) -> str | None:
        """What kind of body the route takes."""
        return next(iter(self._content), None)

    @property
    def _content(self) -> dict[str, Any]:
        content: dict[str, Any] = self.operation.get("requestBody", {}).get("content", {})
        return content

    def address(self, ids: Ids) -> str:
        """The path with its parameters filled in. Raises KeyError for a parameter without an id."""
        return self.path.format(**{name: ids[name] for name in self.parameters})

    def request(self, ids: Ids) -> dict[str, Any]:
        """httpx's arguments of a request that this route accepts, naming whatever it can by ``ids``."""
        arguments: dict[str, Any] = {"method": self.method, "url": self.address(ids)}
        if self.media_type is None:
            return arguments
        schema = resolve(self._content[self.media_type]["schema"])
        body = sample(schema, ids)
        if self.media_type == "application/json":
            return {**arguments, "json": body}
        files = {name: body.pop(name) for name in [*body] if _is_file(resolve(schema["properties"][name]))}
        return {**arguments, "data": body, **({"files": files} if files else {})}

    def ids_in_body(self) -> set[str]:
        """The names under which its body names things by id."""
        body = self.request(_Marked()).get("json")
        return set(re.findall(r"id:(\w+)", json.dumps(body)))

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


class _Marked(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return f"id:{name}"


def routes() -> Iterator[Route]:
    """Every verb of every path in the document."""
    for path, verbs in DOCUMENT["paths"].items():
        for method, operation in verbs.items():
            yield Route(method.upper(), path, operation)


def resolve(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema itself: references followed, and the first choice that isn't null taken."""
    if "$ref" in schema:
        return resolve(DOCUMENT["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]])
    for choices in ("anyOf", "oneOf", "allOf"):
        if choices in schema:
            return resolve(next(choice for choice in schema[choices] if choice.get("type") != "null"))
    return schema


def sample(given: dict[str, Any], ids: Ids, name: str = "") -> Any:
    """A value the schema accepts: what is required, every id and every file there is."""
    schema = resolve(given)
    if "enum" in schema or "const" in schema:
        return schema.get("const") or schema["enum"][0]
    if schema.get("type") == "object":
        return _object(schema, ids)
    if schema.get("type") == "array":
        wanted = 1 if schema.get("minItems") or _is_uuid(schema.get("items", {})) else 0
        return [sample(schema["items"], ids, name) for _ in range(max(wanted, schema.get("minItems", 0)))]
    if schema.get("type") == "string":
        return _string(schema, ids, name)
    bounds = {
        "integer": max(schema.get("minimum", 1), schema.get("exclusiveMinimum", 0) + 1),
        "boolean": True,
    }
    return bounds.get(schema.get("type", ""), 1)


def _object(schema: dict[str, Any], ids: Ids) -> dict[str, Any]:
    required = schema.get("required", ())
    properties = schema.get("properties", {})
    wanted = {name: of for name, of in properties.items() if name in required or _names_a_thing(of)}
    return {
        **{name: sample(of, ids, name) for name, of in wanted.items()},
        **ALSO.get(schema.get("title", ""), {}),
    }


def _names_a_thing(given: dict[str, Any]) -> bool:
    schema = resolve(given)
    return (
        _is_uuid(schema)
        or _is_file(schema)
        or (schema.get("type") == "array" and _is_uuid(schema.get("items", {})))
    )


def _string(schema: dict[str, Any], ids: Ids, name: str) -> Any:
    if _is_file(schema):
        return ("file.csv", b"sku,name\n", "text/csv")
    if schema.get("format") == "uuid":
        return ids[name]
    if "pattern" in schema:
        return next(word for word in WORDS if re.search(schema["pattern"], word))
    if schema.get("format") == "date-time":
        return "2026-01-01T00:00:00Z"
    if name in UNIQUE:
        return uuid4().hex[:15]
    return WORDS_BY_NAME.get(name, "x" * max(schema.get("minLength", 1), 1))


# Values that must not be taken yet, and values that a schema alone doesn't say.
UNIQUE = {"sku", "slug", "address"}
WORDS_BY_NAME = {
    "timezone": "Africa/Lagos",
    "currency": "NGN",
    "payment_method": "cash_on_delivery",
    "channel": "whatsapp",
}
ALSO: dict[str, dict[str, Any]] = {"StockAdjust": {"by": 1}, "DeliveryBody": {"address": "12 Balogun St"}}


def _is_file(schema: dict[str, Any]) -> bool:
    return schema.get("format") == "binary" or "contentMediaType" in schema


def _is_uuid(given: dict[str, Any]) -> bool:
    return resolve(given).get("format") == "uuid"
