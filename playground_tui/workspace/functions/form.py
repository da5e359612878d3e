"""A function's parameters as form fields, and as JSON Schema: each the other's picture.

What the form has no field for (`pattern`, `anyOf`, `$ref`, …) is kept in `extra` and written back, so that a schema
that was opened in the form and not edited comes back as it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from typing import Any, Literal, cast, get_args

from playground_tui.quick_dataclass import dataclass

ParameterType = Literal["string", "number", "integer", "boolean", "object", "array", "any"]
_FORM_KEYS = {"type", "description", "enum", "properties", "required", "items"}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One property of an object, or the item of an array (then without a name)."""

    name: str
    type: ParameterType = "string"
    """`any`: the schema says no single type; what it says is in `extra`."""
    description: str | None = None
    required: bool = False
    choices: tuple[Any, ...] | None = None
    """The `enum`."""
    children: tuple[Parameter, ...] = ()
    """An object's properties, in order."""
    item: Parameter | None = None
    """What an array holds; None: not said."""
    nullable: bool = False
    """The type is given as [type, "null"]."""
    extra: Mapping[str, Any] = field(default_factory=dict)
    """Keywords the form does not know, as they were."""


@dataclass(frozen=True, slots=True)
class FunctionForm:
    name: str = ""
    description: str | None = None
    parameters: tuple[Parameter, ...] = ()
    strict: bool | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    """Keywords of the outermost object that the form does not know, `additionalProperties` among them."""
    has_parameters: bool = True
    """False: the function has no `parameters` at all, which is not the same as none."""


def from_function(function: Mapping[str, Any]) -> FunctionForm:
    """The form of an assistant's `function` object. Anything that is no schema is kept in `extra`."""
    schema = function.get("parameters")
    top = _parameter("", schema if isinstance(schema, Mapping) else {"type": "object", "properties": {}}, False)
    return FunctionForm(
        name=str(function.get("name") or ""),
        description=function.get("description"),
        parameters=top.children,
        strict=function.get("strict"),
        extra={
            **top.extra,
            **({"required": []} if isinstance(schema, Mapping) and schema.get("required") == [] else {}),
        },
        has_parameters=isinstance(schema, Mapping),
    )


def to_function(form: FunctionForm) -> dict[str, Any]:
    """The assistant's `function` object, keys in a fixed order."""
    function: dict[str, Any] = {"name": form.name}
    if form.description is not None:
        function["description"] = form.description
    if form.has_parameters or form.parameters:
        top = Parameter("", "object", children=form.parameters, extra=form.extra)
        function["parameters"] = _schema(top)
    if form.strict is not None:
        function["strict"] = form.strict
    return function


def _parameter(name: str, schema: Mapping[str, Any], required: bool) -> Parameter:
    kind, nullable = _kind(schema.get("type"))
    extra = {k: v for k, v in schema.items() if k not in _FORM_KEYS}
    if kind == "any" and "type" in schema:
        extra["type"] = schema["type"]
    made = Parameter(
        name, kind, required=required, nullable=nullable, description=schema.get("description"), extra=extra
    )
    if isinstance(schema.get("enum"), list):
        made = replace(made, choices=tuple(schema["enum"]))
    if kind == "object":
        return _with_children(made, schema)
    if kind == "array" and isinstance(schema.get("items"), Mapping):
        return replace(made, item=_parameter("", schema["items"], False))
    kept = {k: schema[k] for k in ("properties", "required", "items") if k in schema}
    return replace(made, extra={**extra, **kept})


def _with_children(made: Parameter, schema: Mapping[str, Any]) -> Parameter:
    properties, required = schema.get("properties"), schema.get("required")
    listed = required if isinstance(required, list) else []
    if not isinstance(properties, Mapping) or not all(isinstance(p, Mapping) for p in properties.values()):
        kept = {k: schema[k] for k in ("properties", "required") if k in schema}
        return replace(made, extra={**made.extra, **kept})
    children = tuple(_parameter(str(n), p, n in listed) for n, p in properties.items())
    strangers = [n for n in listed if n not in properties]
    return replace(made, children=children, extra={**made.extra, **({"required": strangers} if strangers else {})})


def _kind(given: Any) -> tuple[ParameterType, bool]:
    if isinstance(given, list) and len(given) == 2 and "null" in given:
        other = next((t for t in given if t != "null"), None)
        return (cast(ParameterType, other), True) if other in get_args(ParameterType) else ("any", False)
    known = isinstance(given, str) and given in get_args(ParameterType) and given != "any"
    return (cast(ParameterType, given), False) if known else ("any", False)


def _schema(parameter: Parameter) -> dict[str, Any]:
    schema: dict[str, Any] = {}
    if parameter.type != "any":
        schema["type"] = [parameter.type, "null"] if parameter.nullable else parameter.type
    if parameter.description is not None:
        schema["description"] = parameter.description
    if parameter.choices is not None:
        schema["enum"] = list(parameter.choices)
    extra = dict(parameter.extra)
    if parameter.type == "object" and "properties" not in extra:
        schema["properties"] = {child.name: _schema(child) for child in parameter.children}
        required = [child.name for child in parameter.children if child.required]
        strangers = extra.pop("required", None)
        if required or strangers is not None:
            schema["required"] = [*required, *(strangers or [])]
    if parameter.item is not None:
        schema["items"] = _schema(parameter.item)
    return {**schema, **extra}
