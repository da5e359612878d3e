"""Token limits over a whole run: all its completions together, over all its legs (wire.md §3, §4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from playground_tui.service.runs.objects import Object, add_usage
from playground_tui.service.runs.truncation import ASSUMED_CONTEXT

Limit = Literal["max_prompt_tokens", "max_completion_tokens"]


@dataclass(slots=True)
class Budget:
    prompt_limit: int | None
    completion_limit: int | None
    usage: Object | None
    """Of the run's completions so far."""
    context: int = ASSUMED_CONTEXT

    @classmethod
    def of(cls, run: Object, usage: Object | None) -> Budget:
        return cls(run["max_prompt_tokens"], run["max_completion_tokens"], usage)

    def prompt_left(self) -> int | None:
        return None if self.prompt_limit is None else self.prompt_limit - self._used("prompt_tokens")

    def completion_left(self) -> int | None:
        return None if self.completion_limit is None else self.completion_limit - self._used("completion_tokens")

    def room(self, fixed: int, factor: float) -> int:
        """Tokens for the conversation of the next completion. `fixed`: what is sent beside it; `factor`: how much more
        than estimated this model counts."""
        left = self.prompt_left()
        most = self.context if left is None else min(self.context, left)
        return int(most / factor) - fixed

    def spend(self, usage: Object) -> None:
        self.usage = add_usage(self.usage, usage)

    def exceeded(self) -> Limit | None:
        """A limit that the completions so far have passed."""
        return self._passed(0)

    def exhausted(self) -> Limit | None:
        """A limit that leaves nothing for one more completion."""
        return self._passed(1)

    def _passed(self, need: int) -> Limit | None:
        prompt, completion = self.prompt_left(), self.completion_left()
        if completion is not None and completion < need:
            return "max_completion_tokens"
        if prompt is not None and prompt < need:
            return "max_prompt_tokens"
        return None

    def shrink(self, sent: int) -> None:
        """The endpoint found `sent` tokens, as estimated, too many."""
        self.context = min(self.context, sent) // 2

    def _used(self, count: str) -> int:
        return 0 if self.usage is None else int(self.usage[count])
