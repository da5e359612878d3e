"""The messages of a conversation in order, kept up by the same changes that its watchers hear."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from playground_tui.workspace.values import (
    Added,
    Changed,
    ChatMessage,
    ConversationChange,
    Grew,
    Prepended,
    Removed,
    Reset,
)


class MessageList:
    def __init__(self, growing: Callable[[str], ChatMessage | None]) -> None:
        """`growing` gives the whole of a message that grew since it was last told whole."""
        self._by_id: dict[str, ChatMessage] = {}
        self._grown: set[str] = set()
        self._growing = growing

    @property
    def messages(self) -> tuple[ChatMessage, ...]:
        return tuple(self._whole(message) for message in self._by_id.values())

    def __contains__(self, message_id: object) -> bool:
        return message_id in self._by_id

    def get(self, message_id: str) -> ChatMessage | None:
        message = self._by_id.get(message_id)
        return self._whole(message) if message is not None else None

    def apply(self, change: ConversationChange) -> ConversationChange | None:
        """Take a change; the same as it is for this list: an `Added` of a known message is a `Changed`, a change
        of an unknown one an `Added`, None where there is nothing to do."""
        match change:
            case Added(message) if message.id in self._by_id:
                return self.apply(Changed(message.id, message))
            case Added(message):
                self._by_id[message.id] = message
            case Grew(message_id, _):
                if message_id not in self._by_id:
                    return None
                self._grown.add(message_id)
            case Changed(old_id, message):
                return self._change(old_id, message)
            case Removed(message_id):
                if self._by_id.pop(message_id, None) is None:
                    return None
                self._grown.discard(message_id)
            case Prepended(messages):
                return self._prepend(messages)
            case Reset(messages):
                self._by_id = {message.id: message for message in messages}
                self._grown.clear()
        return change

    def _change(self, old_id: str, message: ChatMessage) -> ConversationChange | None:
        if old_id not in self._by_id:
            return self.apply(Added(message))
        told = old_id not in self._grown
        self._grown.discard(old_id)
        if told and self._by_id[old_id] == message:
            return None
        if message.id == old_id:
            self._by_id[old_id] = message
        else:
            self._by_id = _renamed(self._by_id, old_id, message)
        return Changed(old_id, message)

    def _prepend(self, messages: Iterable[ChatMessage]) -> ConversationChange | None:
        new = tuple(message for message in messages if message.id not in self._by_id)
        if not new:
            return None
        self._by_id = {**{message.id: message for message in new}, **self._by_id}
        return Prepended(new)

    def _whole(self, message: ChatMessage) -> ChatMessage:
        if message.id not in self._grown:
            return message
        return self._growing(message.id) or message


def _renamed(by_id: dict[str, ChatMessage], old_id: str, message: ChatMessage) -> dict[str, ChatMessage]:
    pairs = ((message.id, message) if key == old_id else (key, known) for key, known in by_id.items())
    return {key: value for key, value in pairs if value is message or key != message.id}
