"""The chat view with a little of everything: `python -m tests.support.chat_demo [--stream] [--theme NAME]`."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime

from textual.app import App, ComposeResult
from textual.widgets import Input

from playground_tui.tui.chat_view import ChatView
from playground_tui.workspace.values import ChatMessage, Citation, ReplyFacts, RunView, TokenUse, ToolCallView

AT = datetime(2026, 11, 20, 14, 1, tzinfo=UTC)

BOT = "Support bot"
QUESTION = "What is the refund policy\nfor [bold]annual[/bold] plans? \x1b[31mred\x1b[0m"

REPLY = """\
# Refunds for annual plans

Annual plans can be refunded **within 30 days** of purchase【4†source】, see the
[policy page](https://example.com/refunds) or https://example.com/faq. Partial refunds follow the *pro-rata* rule,
`days_left / 365`, and ~~never~~ rarely exceed the price[^1].

1. **Open** the billing page
2. Choose *Cancel plan*
   - a reason is required
   - [x] confirm
   - [ ] leave feedback
3. Done

> A quotation that is long enough to be wrapped once in a narrow view, and then goes on a little.

```python
def refund(price: float, days_left: int) -> float:
    \"\"\"What is paid back,
    pro rata.\"\"\"
    return round(price * days_left / 365, 2)  # rounded to cents
```

| Plan | Price | Window | Notes |
|:-----|------:|:------:|-------|
| Monthly | 12.00 | 7 days | none |
| Annual | 120.00 | 30 days | pro rata after that, ask [support](mailto:support@example.com) |
| 日本語 | 1 | 無期限 | 全角文字の幅を確認する |

Emoji 🎉 👍🏽, combining é, Hebrew שלום, and a reference to [the docs][docs].

[^1]: Unless a coupon was used.

[docs]: https://example.org
"""


def messages() -> list[ChatMessage]:
    calls = (
        ToolCallView("call_1", "file_search", "file_search", '{"query": "refund annual plan"}', "3", True, 0.4),
        ToolCallView("call_2", "function", "get_weather", '{"city": "Paris", "unit": "celsius"}', None, False),
    )
    facts = ReplyFacts("gpt-6-astra", 12, 1.8, 0.4, TokenUse(812, 164, 300))
    citation = Citation("【4†source】", "[1] policy.pdf", "file_1")
    return [
        ChatMessage(
            "msg_1", "user", "What is the refund policy\nfor [bold]annual[/bold] plans? \x1b[31mred\x1b[0m", AT
        ),
        ChatMessage("msg_2", "assistant", REPLY, AT, "complete", BOT, "run_1", calls, (citation,), facts=facts),
        ChatMessage("msg_3", "user", "And monthly ones?", AT, attachments=("file_2", "file_3")),
        ChatMessage("msg_4", "assistant", "Within 7", AT, "stopped", BOT, note="by you", facts=facts),
    ]


class ChatDemo(App[None]):
    def __init__(self, *, stream: bool = False) -> None:
        super().__init__()
        self._stream = stream

    def compose(self) -> ComposeResult:
        yield ChatView()
        yield Input(placeholder="Ask something…")

    def on_mount(self) -> None:
        view = self.query_one(ChatView)
        view.show(messages())
        view.set_waiting(RunView("thinking", since=datetime.now(UTC)))
        if self._stream:
            view.add(ChatMessage("msg_5", "assistant", "", AT, "streaming", BOT))
            self._parts = [REPLY[at : at + 4] for at in range(0, len(REPLY), 4)]
            self._timer = self.set_interval(0.01, self._grow)

    def _grow(self) -> None:
        view = self.query_one(ChatView)
        if self._parts:
            view.set_waiting(None)
            view.grow("msg_5", self._parts.pop(0))
        else:
            self._timer.stop()
            view.replace("msg_5", ChatMessage("msg_5", "assistant", REPLY, AT, author=BOT))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--stream", action="store_true")
    parser.add_argument("--theme", default="textual-dark")
    arguments = parser.parse_args()
    app = ChatDemo(stream=arguments.stream)
    app.theme = arguments.theme
    app.run()


if __name__ == "__main__":
    main()
