"""The service's database. Objects are plain dicts in exactly the API's shape; `objects` and `runs` are functions on a
connection, to be called inside `await db.write(fn)` (one transaction) or `await db.read(fn)`.

```python
def add(conn: Connection) -> None:
    runs.refuse_when_active(conn, thread_id)      # ApiError leaves the transaction undone
    objects.insert(conn, MESSAGES, message)

await db.write(add)
page = await db.read(lambda conn: objects.page(conn, MESSAGES, PageQuery(limit=20), thread_id=thread_id))
```
"""

from playground_tui.service.store.database import Connection, Database
from playground_tui.service.store.tables import (
    ASSISTANTS,
    BATCHES,
    FILES,
    MESSAGES,
    RUNS,
    STEPS,
    STORE_FILES,
    THREADS,
    VECTOR_STORES,
    Table,
)

__all__ = [
    "ASSISTANTS",
    "BATCHES",
    "FILES",
    "MESSAGES",
    "RUNS",
    "STEPS",
    "STORE_FILES",
    "THREADS",
    "VECTOR_STORES",
    "Connection",
    "Database",
    "Table",
]
