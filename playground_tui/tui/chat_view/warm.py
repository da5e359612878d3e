"""Loading ahead what the first message needs."""

from __future__ import annotations

COMMON = ("python", "json", "bash", "javascript", "html", "sql", "yaml")
"""Languages whose lexers are loaded ahead; others when they are met."""


def warm() -> None:
    """Load the Markdown parser and the common lexers: some 60 ms that would hold a key. Meant for a thread."""
    from playground_tui.tui.chat_view import document  # noqa: F401
    from playground_tui.tui.chat_view.code import highlight
    from playground_tui.tui.chat_view.grammar import parse_blocks, parse_inline

    parse_blocks("a\n", {})
    parse_inline("a", {})
    for language in COMMON:
        highlight("a", language)
