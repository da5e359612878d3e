"""What a field of the form is: data, from which the pane makes its control. Limits come from `limits`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from playground_tui.limits import Problem, check_field, check_run_setting
from playground_tui.quick_dataclass import dataclass
from playground_tui.workspace.values import Json, ModelListing

if TYPE_CHECKING:
    from playground_tui.tui.config.control import FieldControl


class Surroundings(NamedTuple):
    """What a field's picture may tell beside its value."""

    models: ModelListing
    functions: tuple[str, ...]
    """Names of the assistant's functions."""
    resources: Mapping[str, Any]
    """`tool_resources`: the files and stores of the tools."""


@dataclass(frozen=True)
class FieldSpec:
    name: str
    """As the API has it."""
    label: str
    control: Callable[[FieldSpec], FieldControl]
    help: str
    """One line, shown while the field has the focus."""
    group: Literal["assistant", "run"] = "assistant"
    fold: Callable[[Json], str] | None = None
    """Set: the control lies in a fold-out, and this words its value for the closed one."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """What only this kind of control knows: step, placeholder, choices."""

    def check(self, value: Json) -> Problem | None:
        return check_field(self.name, value) if self.group == "assistant" else check_run_setting(self.name, value)
