"""Runs one Python callable in a process of its own: `child.py MODULE_OR_FILE FUNCTION`, arguments as JSON on standard
input, the result on the first standard output. What the callable prints goes to standard error.

It stands alone (no import of this package), since the interpreter named in the settings need not have it.
"""

import importlib
import importlib.util
import inspect
import json
import os
import sys


def load(place: str, name: str) -> object:
    if place.endswith(".py"):
        path = os.path.abspath(os.path.expanduser(place))
        sys.path.insert(0, os.path.dirname(path))
        spec = importlib.util.spec_from_file_location(os.path.basename(path)[:-3], path)
        if spec is None or spec.loader is None:
            raise ImportError(f"{place} is not a Python file")
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module
        spec.loader.exec_module(module)
    else:
        sys.path.insert(0, os.getcwd())
        module = importlib.import_module(place)
    return getattr(module, name)


def call(function: object, arguments: object) -> object:
    if not callable(function):
        raise TypeError("the handler is not callable")
    result = function(**arguments) if isinstance(arguments, dict) else function(arguments)
    if inspect.isawaitable(result):
        import asyncio

        async def wait() -> object:
            return await result

        return asyncio.run(wait())
    return result


def main() -> int:
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8", errors="replace")
    os.dup2(2, 1)
    raw = sys.stdin.buffer.read().decode("utf-8", "replace")
    try:
        try:
            arguments = json.loads(raw) if raw.strip() else {}
        except ValueError:
            raise ValueError("the arguments are not JSON") from None
        result = call(load(sys.argv[1], sys.argv[2]), arguments)
        text = result if isinstance(result, str) else json.dumps(result, ensure_ascii=False, default=str)
    except Exception as error:
        text = json.dumps({"error": f"{type(error).__name__}: {error}"}, ensure_ascii=False)
        answer.write(text)
        answer.close()
        return 70
    answer.write(text)
    answer.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
