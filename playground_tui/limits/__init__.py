"""The API's limits, once: one source for the form, the command line and the service."""

from playground_tui.limits.assistant import (
    ASSISTANT_FIELDS,
    FUNCTION_NAME_PATTERN,
    LOCAL_RUN_SETTINGS,
    MAX_CODE_FILES,
    MAX_DESCRIPTION,
    MAX_INSTRUCTIONS,
    MAX_NAME,
    MAX_RUN_TOOLS,
    MAX_TOOLS,
    MAX_VECTOR_STORES,
    METADATA,
    REASONING_EFFORTS,
    RUN_SETTINGS,
    TEMPERATURE,
    TOP_P,
    check_field,
    check_run_setting,
)
from playground_tui.limits.rules import Problem, Rule

__all__ = [
    "ASSISTANT_FIELDS",
    "FUNCTION_NAME_PATTERN",
    "LOCAL_RUN_SETTINGS",
    "MAX_CODE_FILES",
    "MAX_DESCRIPTION",
    "MAX_INSTRUCTIONS",
    "MAX_NAME",
    "MAX_RUN_TOOLS",
    "MAX_TOOLS",
    "MAX_VECTOR_STORES",
    "METADATA",
    "REASONING_EFFORTS",
    "RUN_SETTINGS",
    "TEMPERATURE",
    "TOP_P",
    "Problem",
    "Rule",
    "check_field",
    "check_run_setting",
]
