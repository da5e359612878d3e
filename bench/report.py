"""What a benchmark found, as one JSON object or as lines to read."""

from __future__ import annotations

import json
from typing import Any


def report(found: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(found))
        return
    for group, values in found.items():
        print(f"{group}: {values if not isinstance(values, dict) else ''}")
        for name, value in values.items() if isinstance(values, dict) else ():
            print(f"  {name:<40}{value:>8.3f}")
