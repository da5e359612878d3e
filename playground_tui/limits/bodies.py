"""Every request body of assistants, threads, messages and runs as a table of rules (wire.md §3 to §5).

`check_body(CREATE_RUN, body)` gives the first problem, worded as the API words it. Keys that are not in a table are
refused, as the API does.
"""

from __future__ import annotations

from typing import Any, Final

from playground_tui.limits.assistant import (
    ASSISTANT_FIELDS,
    MAX_CODE_FILES,
    MAX_RUN_TOOLS,
    MAX_VECTOR_STORES,
    METADATA,
    RUN_SETTINGS,
    TOOL,
    TOOL_RESOURCES,
)
from playground_tui.limits.rules import Choice, Either, Flag, Items, Maybe, Number, Problem, Record, Rule, Tagged, Text

MAX_STORE_FILES: Final = 100_000_000
CHUNK_TOKENS: Final = (100, 4096)

_ID: Final = Text(min=1, max=256)
_NULLABLE_METADATA: Final = Maybe(METADATA)

# -- tool resources that may make a vector store on the way ------------------------------------------------------------


def _overlap_at_most_half(value: dict[str, Any], param: str) -> Problem | None:
    if value["chunk_overlap_tokens"] * 2 <= value["max_chunk_size_tokens"]:
        return None
    where = f"{param}.chunk_overlap_tokens"
    most = "must not exceed half of 'max_chunk_size_tokens'"
    return Problem(where, f"Invalid '{where}': it {most}.", "At most half of the chunk's size.", "invalid_value")


_STATIC_CHUNKS: Final = Record(
    {
        "max_chunk_size_tokens": Number(*CHUNK_TOKENS, integer=True),
        "chunk_overlap_tokens": Number(0, CHUNK_TOKENS[1] // 2, integer=True),
    },
    required=("max_chunk_size_tokens", "chunk_overlap_tokens"),
    also=_overlap_at_most_half,
)
CHUNKING: Final = Tagged(
    {
        "auto": Record({"type": Text()}),
        "static": Record({"type": Text(), "static": _STATIC_CHUNKS}, required=("static",)),
    }
)
_NEW_STORE: Final = Record(
    {
        "file_ids": Items(_ID, max=MAX_STORE_FILES, noun="file"),
        "chunking_strategy": CHUNKING,
        "metadata": _NULLABLE_METADATA,
    }
)


def _ids_or_new(value: dict[str, Any], param: str) -> Problem | None:
    if not (value.get("vector_store_ids") and value.get("vector_stores")):
        return None
    return Problem(
        param,
        f"Invalid '{param}': 'vector_store_ids' and 'vector_stores' are mutually exclusive; give only one of them.",
        "Either ids or new vector stores, not both.",
        "mutually_exclusive_parameters",
    )


NEW_TOOL_RESOURCES: Final = Record(
    {
        "code_interpreter": Maybe(Record({"file_ids": Items(Text(), max=MAX_CODE_FILES, noun="file")})),
        "file_search": Maybe(
            Record(
                {
                    "vector_store_ids": Items(Text(), max=MAX_VECTOR_STORES, noun="vector store"),
                    "vector_stores": Items(_NEW_STORE, max=MAX_VECTOR_STORES, noun="vector store"),
                },
                also=_ids_or_new,
            )
        ),
    }
)

# -- messages ----------------------------------------------------------------------------------------------------------

_DETAIL: Final = Maybe(Choice(("auto", "low", "high")))


class ImageAddress:
    """An http(s) URL or an image as a data URL."""

    def check(self, value: Any, param: str) -> Problem | None:
        if problem := Text().check(value, param):
            return problem
        if str(value).lower().startswith(("http://", "https://", "data:image/")):
            return None
        return Problem(
            param,
            f"Invalid '{param}'. Expected a valid URL, but got a value with an invalid format.",
            "An address that begins with https://, or an image as a data URL.",
            "invalid_value",
        )


_PART: Final = Tagged(
    {
        "text": Record({"type": Text(), "text": Text()}, required=("text",)),
        "image_url": Record(
            {"type": Text(), "image_url": Record({"url": ImageAddress(), "detail": _DETAIL}, required=("url",))},
            required=("image_url",),
        ),
        "image_file": Record(
            {"type": Text(), "image_file": Record({"file_id": _ID, "detail": _DETAIL}, required=("file_id",))},
            required=("image_file",),
        ),
    }
)


class Content:
    """A string that is not empty, or one part or more."""

    def __init__(self) -> None:
        self._rule = Either(((str, Text()), (list, Items(_PART, min=1, noun="part"))), "a string or an array of parts")

    def check(self, value: Any, param: str) -> Problem | None:
        if value == "":
            return Problem(param, "Message content must be non-empty.", "A message must not be empty.", "empty_string")
        return self._rule.check(value, param)


_ATTACHMENT_TOOL: Final = Tagged(
    {"code_interpreter": Record({"type": Text()}), "file_search": Record({"type": Text()})}
)
_ATTACHMENT: Final = Record(
    {"file_id": _ID, "tools": Items(_ATTACHMENT_TOOL, noun="tool")}, required=("file_id", "tools")
)
CREATE_MESSAGE: Final = Record(
    {
        "role": Choice(("user", "assistant")),
        "content": Content(),
        "attachments": Maybe(Items(_ATTACHMENT, noun="attachment")),
        "metadata": _NULLABLE_METADATA,
    },
    required=("role", "content"),
)

# -- assistants and threads --------------------------------------------------------------------------------------------

CREATE_ASSISTANT: Final = Record({**ASSISTANT_FIELDS, "tool_resources": Maybe(NEW_TOOL_RESOURCES)}, required=("model",))
MODIFY_ASSISTANT: Final = Record(ASSISTANT_FIELDS)
CREATE_THREAD: Final = Record(
    {
        "messages": Items(CREATE_MESSAGE, noun="message"),
        "tool_resources": Maybe(NEW_TOOL_RESOURCES),
        "metadata": _NULLABLE_METADATA,
    }
)
MODIFY_THREAD: Final = Record({"tool_resources": Maybe(TOOL_RESOURCES), "metadata": _NULLABLE_METADATA})
MODIFY_METADATA: Final = Record({"metadata": _NULLABLE_METADATA})
"""All that may change on a message or a run."""

# -- runs --------------------------------------------------------------------------------------------------------------

_OVERRIDES: Final[dict[str, Rule]] = {
    "assistant_id": _ID,
    **{name: ASSISTANT_FIELDS[name] for name in ("instructions", "temperature", "top_p", "response_format")},
    **{name: rule for name, rule in RUN_SETTINGS.items() if name != "additional_instructions"},
    "reasoning_effort": ASSISTANT_FIELDS["reasoning_effort"],
    "tools": Maybe(Items(TOOL, max=MAX_RUN_TOOLS, noun="tool")),
    "metadata": _NULLABLE_METADATA,
    "stream": Maybe(Flag()),
}
CREATE_RUN: Final = Record(
    {
        **_OVERRIDES,
        "additional_instructions": RUN_SETTINGS["additional_instructions"],
        "additional_messages": Maybe(Items(CREATE_MESSAGE, noun="message")),
    },
    required=("assistant_id",),
)
CREATE_THREAD_AND_RUN: Final = Record(
    {**_OVERRIDES, "thread": Maybe(CREATE_THREAD), "tool_resources": Maybe(TOOL_RESOURCES)},
    required=("assistant_id",),
)
SUBMIT_TOOL_OUTPUTS: Final = Record(
    {
        "tool_outputs": Items(
            Record({"tool_call_id": Text(), "output": Text()}, required=("tool_call_id", "output")), noun="output"
        ),
        "stream": Maybe(Flag()),
    },
    required=("tool_outputs",),
)


def check_body(rule: Rule, body: Any) -> Problem | None:
    """The first thing wrong with a whole request body, or None."""
    return rule.check(body, "")
