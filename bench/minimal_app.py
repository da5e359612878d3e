"""The least that a Textual chat can be: an input, the `openai` client in a worker, and Textual's own streamed Markdown.
Measured beside the whole program: `python -m bench.minimal_app BASE_URL`."""

from __future__ import annotations

import sys

from openai import AsyncOpenAI
from textual.app import App, ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Input, Markdown, Static


class MinimalApp(App[None]):
    CSS = "VerticalScroll { height: 1fr; }"

    def __init__(self, base_url: str) -> None:
        super().__init__()
        self._client = AsyncOpenAI(base_url=base_url, api_key="none")

    def compose(self) -> ComposeResult:
        yield Static("minimal is here")
        with VerticalScroll() as scroll:
            scroll.anchor()
            yield Markdown()
        yield Input()

    def on_mount(self) -> None:
        self.query_one(Input).focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.input.value = ""
        self.run_worker(self._ask(event.value))

    async def _ask(self, text: str) -> None:
        stream = Markdown.get_stream(self.query_one(Markdown))
        chunks = await self._client.chat.completions.create(
            model="scripted-model", messages=[{"role": "user", "content": text}], stream=True
        )
        async for chunk in chunks:
            if chunk.choices and chunk.choices[0].delta.content:
                await stream.write(chunk.choices[0].delta.content)
        await stream.stop()


if __name__ == "__main__":
    MinimalApp(sys.argv[1]).run()
