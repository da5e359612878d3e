"""The command palette's own part: every action of the main screen, with its key."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from textual.binding import Binding
from textual.command import DiscoveryHit, Hit, Hits, Provider

from playground_tui.tui.commands import MAIN, Command


class PlaygroundCommands(Provider):
    async def discover(self) -> Hits:
        """Moving about comes last, it has keys; what cannot be done now is left out."""
        possible = (c for c in self._commands if self.screen.check_action(c.action.partition("(")[0], ()) is not False)
        for command in sorted(possible, key=lambda command: command.id.startswith(("view.", "pane."))):
            yield DiscoveryHit(self._words(command), self._run(command), command.title, command.help)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for command in self._commands:
            score = max(matcher.match(command.title), 0.8 * matcher.match(command.help))
            if score > 0:
                yield Hit(
                    score, matcher.highlight(self._words(command)), self._run(command), command.title, command.help
                )

    @property
    def _commands(self) -> tuple[Command, ...]:
        """Over another screen there is nothing to command."""
        return tuple(c for c in MAIN if hasattr(self.screen, f"action_{c.action.partition('(')[0]}"))

    def _words(self, command: Command) -> str:
        keys = getattr(self.app, "rebound", {}).get(command.id, command.keys).split(",")[0]
        keys = self.app.get_key_display(Binding(keys, "", "")) if keys else ""
        words = f"{command.title}  ({keys})" if keys else command.title
        asked = getattr(self.screen, "why_not", None)
        reason = asked(command.action) if asked is not None else ""
        return f"{words}  – {reason}" if reason else words

    def _run(self, command: Command) -> Callable[[], Any]:
        return partial(self.screen.run_action, command.action)
