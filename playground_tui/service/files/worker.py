"""The extraction child: reads and chunks files one after the other, so that parsing holds neither the loop nor a key
press, and a file that brings a parser down brings down nothing else.

One JSON line in (`path`, `name`, `size`, `overlap`), many out: `{"chunk": …}` each, then `{"done": n}` or
`{"error": sentence, "code": …}`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from playground_tui.service.files.chunk import chunks
from playground_tui.service.files.extract import passages
from playground_tui.service.files.kinds import Unreadable

MEMORY_LIMIT = 2 << 30


def answer(request: dict[str, Any]) -> None:
    count = 0
    try:
        found = passages(Path(request["path"]), request["name"])
        for chunk in chunks(found, request["size"], request["overlap"]):
            count += 1
            say({"chunk": {"text": chunk.text, "start": chunk.start, "tokens": chunk.tokens, "pages": chunk.pages}})
    except Unreadable as error:
        say({"error": str(error), "code": error.code})
    except FileNotFoundError:
        say({"error": "It was deleted meanwhile."})
    except OSError as error:
        say({"error": f"It could not be read ({type(error).__name__})."})
    except MemoryError:
        say({"error": "It needs too much memory to be read."})
    except Exception as error:
        say({"error": f"It could not be read ({type(error).__name__})."})
    else:
        say({"done": count} if count else {"error": "It holds no text.", "code": "invalid_file"})


def say(value: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


def limit_memory() -> None:
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
    except (ImportError, ValueError, OSError):
        return


def main() -> None:
    limit_memory()
    for line in sys.stdin:
        answer(json.loads(line))


if __name__ == "__main__":
    main()
