"""What a conversation shows: its messages, and the changes its watchers hear of, one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from playground_tui.workspace.message_list import MessageList
from playground_tui.workspace.values import ChatMessage, ConversationChange

Watcher = Callable[[ConversationChange], None]


class Transcript:
    def __init__(self, growing: Callable[[str], ChatMessage | None]) -> None:
        self._list = MessageList(growing)
        self._watchers: list[Watcher] = []

    @property
    def messages(self) -> tuple[ChatMessage, ...]:
        """All of them, the growing one as it stands now. Costs their number; not for every delta."""
        return self._list.messages

    def get(self, message_id: str) -> ChatMessage | None:
        return self._list.get(message_id)

    def __contains__(self, message_id: object) -> bool:
        return message_id in self._list

    def by_id(self) -> dict[str, ChatMessage]:
        return {message.id: message for message in self._list.messages}

    def watch(self, watcher: Watcher) -> Callable[[], None]:
        self._watchers.append(watcher)

        def end() -> None:
            if watcher in self._watchers:
                self._watchers.remove(watcher)

        return end

    def tell(self, change: ConversationChange) -> None:
        heard = self._list.apply(change)
        if heard is not None:
            for watcher in tuple(self._watchers):
                watcher(heard)

    def tell_all(self, changes: Iterable[ConversationChange]) -> None:
        for change in changes:
            self.tell(change)
