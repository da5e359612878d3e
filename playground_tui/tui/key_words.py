"""Keys in sentences. A sentence names the binding and its own key, `{threads.restore:f9} brings it back`; what is read
is the key that the person's keymap made of it."""

from __future__ import annotations

import re
from typing import Final

from textual.binding import Binding
from textual.dom import DOMNode

_NAMED: Final = re.compile(r"\{([a-z]+(?:\.[a-z]+)+):([^{}]+)\}")


def with_keys(node: DOMNode, sentence: str) -> str:
    """The first of the keys, where a binding has several."""
    app = node.app
    rebound = getattr(app, "rebound", {})

    def key(found: re.Match[str]) -> str:
        keys = rebound.get(found[1])
        return app.get_key_display(Binding(keys.split(",")[0], "", "")) if keys else found[2]

    return _NAMED.sub(key, sentence)
