"""Request bodies of files and vector stores as tables of rules, like `bodies`."""

from __future__ import annotations

from typing import Any, Final

from playground_tui.limits.assistant import METADATA
from playground_tui.limits.bodies import CHUNKING
from playground_tui.limits.rules import (
    Choice,
    Either,
    Flag,
    Items,
    Maybe,
    Number,
    Pairs,
    Problem,
    Record,
    Rule,
    Tagged,
    Text,
    wrong_type,
)

MAX_FILE_BYTES: Final = 512 * 1024 * 1024
"""Of one uploaded file."""
MAX_FILE_TOKENS: Final = 5_000_000
"""Of one indexed file; estimated."""
MAX_IMAGE_BYTES: Final = 20 * 1024 * 1024
"""Of a picture that a model is shown."""
FILE_EXPIRY: Final = (3600, 2_592_000)
"""Seconds after its creation at which a file may be made to expire."""
MAX_NEW_STORE_FILES: Final = 500
MAX_BATCH_FILES: Final = 2000
MAX_FILE_LIST: Final = 10_000

_ID: Final = Text(min=1, max=256)
_SCALARS: Final = ((bool, Flag()), (str, Text(max=512)), (int, Number()), (float, Number()))
ATTRIBUTES: Final = Maybe(Pairs(value_rule=Either(_SCALARS, "a string, a number or a boolean")))

# -- files -------------------------------------------------------------------------------------------------------------

PURPOSE: Final = Choice(("assistants", "batch", "fine-tune", "vision", "user_data"))
CREATE_FILE: Final = Record(
    {
        "purpose": PURPOSE,
        "expires_after": Record(
            {"anchor": Choice(("created_at",)), "seconds": Number(*FILE_EXPIRY, integer=True)},
            required=("anchor", "seconds"),
        ),
    },
    required=("purpose",),
)
"""The fields beside the file itself."""

# -- vector stores -----------------------------------------------------------------------------------------------------

EXPIRES_AFTER: Final = Record(
    {"anchor": Choice(("last_active_at",)), "days": Number(1, 365, integer=True)}, required=("anchor", "days")
)
CREATE_VECTOR_STORE: Final = Record(
    {
        "file_ids": Items(_ID, max=MAX_NEW_STORE_FILES, noun="file"),
        "name": Maybe(Text(max=256)),
        "description": Maybe(Text(max=512)),
        "expires_after": Maybe(EXPIRES_AFTER),
        "chunking_strategy": CHUNKING,
        "metadata": Maybe(METADATA),
    }
)
MODIFY_VECTOR_STORE: Final = Record(
    {"name": Maybe(Text(max=256)), "expires_after": Maybe(EXPIRES_AFTER), "metadata": Maybe(METADATA)}
)
_STORE_FILE: Final[dict[str, Rule]] = {"file_id": _ID, "chunking_strategy": CHUNKING, "attributes": ATTRIBUTES}
CREATE_STORE_FILE: Final = Record(_STORE_FILE, required=("file_id",))
MODIFY_STORE_FILE: Final = Record({"attributes": ATTRIBUTES}, required=("attributes",))


def _ids_or_files(value: dict[str, Any], param: str) -> Problem | None:
    if ("file_ids" in value) != ("files" in value):
        return None
    code = "mutually_exclusive_parameters" if "files" in value else "missing_required_parameter"
    advice = "Either file_ids or files."
    return Problem("file_ids", "Exactly one of 'file_ids' and 'files' must be given.", advice, code)


CREATE_FILE_BATCH: Final = Record(
    {
        "file_ids": Items(_ID, min=1, max=MAX_BATCH_FILES, noun="file"),
        "files": Items(CREATE_STORE_FILE, min=1, max=MAX_BATCH_FILES, noun="file"),
        "chunking_strategy": CHUNKING,
        "attributes": ATTRIBUTES,
    },
    also=_ids_or_files,
)

# -- search ------------------------------------------------------------------------------------------------------------

COMPARISONS: Final = ("eq", "ne", "gt", "gte", "lt", "lte")
_VALUE: Final = Either(_SCALARS, "a string, a number or a boolean")
_LIST: Final = Items(Either(_SCALARS, "a string, a number or a boolean"), noun="value")


class Filter:
    """A comparison, or several filters joined by `and` or `or`, to any depth."""

    def check(self, value: Any, param: str) -> Problem | None:
        return _FILTER.check(value, param)


def _comparison(value: Rule) -> Record:
    return Record({"type": Text(), "key": Text(min=1, max=64), "value": value}, required=("key", "value"))


_JOINED: Final = Record({"type": Text(), "filters": Items(Filter(), noun="filter")}, required=("filters",))
_FILTER: Final = Tagged(
    {
        **dict.fromkeys(COMPARISONS, _comparison(_VALUE)),
        **dict.fromkeys(("in", "nin"), _comparison(_LIST)),
        **dict.fromkeys(("and", "or"), _JOINED),
    }
)


class _Query:
    """A text, or several."""

    _one = Text(min=1, max=100_000)
    _rule = Either(((str, _one), (list, Items(_one, min=1, max=32, noun="query"))), "a string or an array of strings")

    def check(self, value: Any, param: str) -> Problem | None:
        if not isinstance(value, str | list):
            return wrong_type(value, param, "a string or an array of strings")
        return self._rule.check(value, param)


SEARCH_VECTOR_STORE: Final = Record(
    {
        "query": _Query(),
        "rewrite_query": Flag(),
        "max_num_results": Number(1, 50, integer=True),
        "filters": Filter(),
        "ranking_options": Record(
            {"ranker": Choice(("none", "auto", "default-2024-11-15")), "score_threshold": Number(0, 1)}
        ),
    },
    required=("query",),
)
