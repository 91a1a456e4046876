"""Complete a merged answer into the response: order, aliases, types, nulls and errors as the client sees them.

Each ``_complete`` gives the finished value, ``None`` for an honest null, or ``NULLED`` for a null whose
error has been told, so that propagation never tells a second one.
Source: GraphQL specification, 6.4.3 "Value completion" and 6.4.4 "Handling execution errors".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from hub.execution.fault import Cause, Diagnostics, Fault, GatheredList, Part, ResponsePath
from hub.execution.shape import AbstractShape, FieldShape, LeafShape, ListShape, ObjectShape, Shape
from schema.errors import RuntimeCode

ERROR_LIMIT = 100
SOURCES_LIMIT = 100

NULLED: Final = object()


@dataclass(frozen=True, slots=True)
class ExecutionResult:
    """What a client is answered: JSON values, ready to be encoded, or ``encoded``, the data as JSON already."""

    data: dict[str, Any] | None
    errors: tuple[dict[str, Any], ...] = ()
    extensions: Mapping[str, Any] = field(default_factory=dict)
    services: tuple[str, ...] = ()
    """The subgraphs that were asked, in the order of asking; for the log, never for the client."""
    encoded: bytes | None = None


def complete(
    data: dict[str, Any],
    shape: ObjectShape,
    diagnostics: Diagnostics,
    departments: Mapping[str, str],
    service_of: Callable[[str, str], str | None],
) -> ExecutionResult:
    """The response for ``data``. ``service_of(type, field)`` names the one subgraph that a wrong value is from."""
    completion = _Completion(departments, service_of, shape)
    completed = completion.object(shape, data)
    for _order, cause, path in sorted(diagnostics.loose, key=lambda entry: entry[0]):
        completion.tell(cause, completion.visible(shape, path))
    for _order, path, part in sorted(diagnostics.stale, key=lambda entry: entry[0]):
        completion.note_sources(completion.visible(shape, path), (part,))
    return ExecutionResult(
        completed if isinstance(completed, dict) else None, completion.told(), completion.extensions()
    )


class _Completion:
    """One walk over one merged answer."""

    def __init__(
        self, departments: Mapping[str, str], service_of: Callable[[str, str], str | None], root: ObjectShape
    ) -> None:
        self._departments = departments
        self._service_of = service_of
        self._root = root
        self._path: list[str | int] = []
        self._errors: list[dict[str, Any]] = []
        self._sources: list[dict[str, Any]] = []
        self._last = Cause("The department's part is incomplete.", RuntimeCode.DEPARTMENT_WRONG_TYPE)

    def object(self, shape: ObjectShape, value: dict[str, Any]) -> Any:
        completed: dict[str, Any] = {}
        path = self._path
        for field_shape in shape.fields:
            name = field_shape.response_name
            item = value.get(name)
            if type(item) is field_shape.exact:
                completed[name] = item
                continue
            path.append(name)
            item = self._field(field_shape, item)
            path.pop()
            if item is NULLED:
                if field_shape.is_required:
                    return NULLED
                item = None
            completed[name] = item
        return completed

    def _field(self, shape: FieldShape, value: Any) -> Any:
        if shape.literal is not None:
            return shape.literal
        completed = None if value is None else self._value(shape.shape, value, shape)
        if completed is None and shape.is_required:
            return self._wrong(
                shape, f"Cannot return null for non-nullable field {shape.type_name}.{shape.field_name}."
            )
        return completed

    def _value(self, shape: Shape, value: Any, at: FieldShape) -> Any:
        if type(value) is Fault:
            self._tell_fault(value)
            return NULLED
        if isinstance(shape, LeafShape):
            return self._leaf(shape, value, at)
        if isinstance(shape, ListShape):
            if type(value) is GatheredList:
                return self._gathered(shape, value, at)
            if type(value) is not list:
                return self._wrong(at, f"Expected a list for field {at.type_name}.{at.field_name}.")
            return self._list(shape, value, at, 0)
        if type(value) is not dict:
            return self._wrong(at, f"Expected an object for field {at.type_name}.{at.field_name}.")
        if isinstance(shape, AbstractShape):
            type_name = value.get("__typename")
            if type(type_name) is Fault:
                return self._value(shape, type_name, at)
            concrete = shape.of(type_name)
            if concrete is None and shape.is_untold(type_name):
                return self._wrong(at, f"No department told which {shape.type_name} this is, so that it is null.")
            if concrete is None:
                return self._wrong(at, f"The object's type is not a public {shape.type_name}.")
            return self.object(concrete, value)
        return self.object(shape, value)

    def _leaf(self, shape: LeafShape, value: Any, at: FieldShape) -> Any:
        if shape.coerce is None:
            return value
        try:
            return shape.coerce(value)
        except Exception:  # noqa: BLE001 - coercion functions raise what they like; each means the same
            return self._wrong(at, f"The value is not a public {shape.type_name}.")

    def _list(self, shape: ListShape, values: list[Any], at: FieldShape, offset: int) -> Any:
        completed = []
        path, item_shape = self._path, shape.item
        for index, item in enumerate(values, offset):
            path.append(index)
            done = None if item is None else self._value(item_shape, item, at)
            if done is None and shape.is_item_required:
                done = self._wrong(at, f"Cannot return null in a list of {at.type_name}.{at.field_name}.")
            path.pop()
            if done is NULLED:
                if shape.is_item_required:
                    return NULLED
                done = None
            completed.append(done)
        return completed

    def _gathered(self, shape: ListShape, value: GatheredList, at: FieldShape) -> Any:
        """Complete part by part: an element that may not be null takes its own part away, not the list."""
        completed: list[Any] = []
        for position, part in enumerate(value.parts):
            elements = [e for e, origin in zip(value, value.origins, strict=True) if origin == position]
            told = len(self._errors)
            done = self._list(shape, elements, at, len(completed)) if part.cause is None else []
            if done is NULLED:
                part.cause, part.count = self._failed_part(part, told), 0
                done = []
            elif part.cause is not None:
                self._tell_fault(Fault(part.cause))
            completed.extend(done)
        self.note_sources(tuple(self._path), value.parts)
        if value.parts and all(part.cause is not None for part in value.parts):
            self.tell(Cause("No department could answer.", RuntimeCode.GATHER_FAILED), tuple(self._path))
            return NULLED
        return completed

    def _failed_part(self, part: Part, told: int) -> Cause:
        """Fold the errors of a part that is taken away into one at the list: its indices no longer exist.

        The one to blame is who caused the null, be it a department that was to complete the elements.
        """
        last = self._last
        cause = Cause(last.message, last.code, last.service or part.service, True)
        if told < len(self._errors):
            self._errors[told:] = [self._error(cause, tuple(self._path))]
        return cause

    def note_sources(self, path: ResponsePath, parts: tuple[Part, ...]) -> None:
        if len(self._sources) < SOURCES_LIMIT:
            self._sources.append({"path": list(path), "parts": [self._source(part) for part in parts]})

    def _source(self, part: Part) -> dict[str, Any]:
        source: dict[str, Any] = {"service": part.service}
        if part.service in self._departments:
            source["department"] = self._departments[part.service]
        source["state"] = "failed" if part.cause is not None else "stale" if part.stale is not None else "ok"
        if part.count is not None:
            source["count"] = part.count if part.cause is None else 0
        source["milliseconds"] = part.milliseconds
        if part.cause is not None:
            source["code"] = part.cause.code
        elif part.stale is not None:
            source |= {"stale": True, "age": part.stale.age, "code": str(part.stale.code)}
        return source

    def _wrong(self, at: FieldShape, message: str) -> Any:
        service = self._service_of(at.type_name, at.field_name)
        self._last = Cause(message, RuntimeCode.DEPARTMENT_WRONG_TYPE, service)
        self.tell(self._last, tuple(self._path))
        return NULLED

    def _tell_fault(self, fault: Fault) -> None:
        self._last = fault.cause
        if not fault.cause.is_told:
            here = tuple(self._path)
            path = (*here[: len(here) - fault.up], *fault.below) if fault.below else here
            self.tell(fault.cause, self.visible(self._root, path))

    def tell(self, cause: Cause, path: ResponsePath) -> None:
        """Add the error unless this cause was told already."""
        if not cause.is_told:
            cause.is_told = True
            self._errors.append(self._error(cause, path))

    def _error(self, cause: Cause, path: ResponsePath) -> dict[str, Any]:
        extensions = {**cause.more, "code": str(cause.code)}
        if cause.service is not None:
            extensions["service"] = cause.service
            if cause.service in self._departments:
                extensions["department"] = self._departments[cause.service]
        error: dict[str, Any] = {"message": cause.message}
        if path:
            error["path"] = list(path)
        return {**error, "extensions": extensions}

    def visible(self, root: ObjectShape, path: ResponsePath) -> ResponsePath:
        """As much of ``path`` as the client asked for: a hidden field's error is told above it."""
        shape: Shape | None = root
        for index, step in enumerate(path):
            while isinstance(shape, ListShape) and type(step) is str:
                shape = shape.item
            if type(step) is int:
                continue
            shape = _below(shape, step)
            if shape is None:
                return path[:index]
        return path

    def told(self) -> tuple[dict[str, Any], ...]:
        """The errors, at most ``ERROR_LIMIT`` and a line that says how many more there are."""
        more = len(self._errors) - ERROR_LIMIT
        if more <= 0:
            return tuple(self._errors)
        note = {"message": f"{more} more errors.", "extensions": {"code": str(RuntimeCode.DEPARTMENT_ERROR)}}
        return (*self._errors[:ERROR_LIMIT], note)

    def extensions(self) -> dict[str, Any]:
        return {"sources": self._sources} if self._sources else {}


def _below(shape: Shape | None, name: str | int) -> Shape | None:
    if isinstance(shape, ObjectShape):
        return next((f.shape for f in shape.fields if f.response_name == name), None)
    if isinstance(shape, AbstractShape):
        found = (_below(shape.of(type_name), name) for type_name in shape.possible)
        return next((below for below in found if below is not None), None)
    return None
