"""Small OpenAPI documents, one for each thing that real ones do."""

from __future__ import annotations

from typing import Any


def openapi(paths: dict[str, Any], schemas: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """A document of version 3.0 at ``http://department.example``."""
    return {
        "openapi": "3.0.3",
        "info": {"title": "Registry", "version": "1"},
        "servers": [{"url": "http://department.example/api"}],
        "paths": paths,
        "components": {"schemas": schemas or {}},
        **more,
    }


def gives(schema: Any, **more: Any) -> dict[str, Any]:
    """An operation that answers this as JSON."""
    return {"responses": {"200": {"description": "", "content": {"application/json": {"schema": schema}}}}, **more}


def ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def listed(item: Any) -> dict[str, Any]:
    return {"type": "array", "items": item}


def made_of(required: str = "", **properties: Any) -> dict[str, Any]:
    """An object type; ``required`` are names with spaces between."""
    return {"type": "object", "required": required.split(), "properties": properties}


def parameter(name: str, place: str = "query", schema: Any = None, **more: Any) -> dict[str, Any]:
    return {"name": name, "in": place, "schema": schema or TEXT, **more}


TEXT = {"type": "string"}
NUMBER = {"type": "integer"}
