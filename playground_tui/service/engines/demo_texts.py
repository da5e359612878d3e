"""Texts of the demo."""

from __future__ import annotations

PARAGRAPH = (
    "This is the demo model speaking; no real model is connected. It writes at the pace of a brisk model, so that you "
    "can see how a reply grows, how the view follows it, and how scrolling up lets go of it. Press Esc to stop a "
    "reply, and the part that came stays in the thread. Everything you change on the right is saved by itself."
)

THOUGHTS = (
    "First I look at what was asked. ",
    "Then I remember that I am only a demo. ",
    "So I will say something harmless.",
)

MARKDOWN = """\
*Demo model.* A little of everything.

## Code

```python
def greet(name: str) -> str:
    # A comment, a string and a number: 42
    return f"Hello, {name}!"
```

## A table

| plan    | price | refund  |
|---------|------:|---------|
| monthly |     9 | none    |
| annual  |    90 | 30 days |

## Lists

1. First
2. Second
   - with a point
   - and another, in **bold**, *italic* and `code`

> A quotation, which may run over more than one line
> and ends here.

Links: [the Markdown guide](https://commonmark.org/help/) and <https://example.com>.
"""

_SECTION = """\
## Part {n}

Paragraph {n} of a long reply from the demo. It holds **bold** words, *italic* ones and some `code`, and goes on for a \
while so that lines have to wrap and the view has to scroll.

- item {n}.1 of a list
- item {n}.2, a little longer than the first one

| part | square |
|-----:|-------:|
| {n} | {square} |

```python
total = sum(range({n}))  # {sum}
```

"""


def long_text(tokens: int) -> str:
    """Markdown of about `tokens` tokens of four characters."""
    wanted, parts, size, n = tokens * 4, ["*Demo model.* A long reply.\n\n"], 28, 0
    while size < wanted:
        n += 1
        parts.append(_SECTION.format(n=n, square=n * n, sum=n * (n - 1) // 2))
        size += len(parts[-1])
    return "".join(parts)[:wanted] if wanted else parts[0]
