"""What the main screen does about calls that wait."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on

from playground_tui.tui.calls.messages import CallAnswered, CallApproved, CallTyped, CallWished, MockKept
from playground_tui.tui.screens.base import WorkspaceScreen

if TYPE_CHECKING:
    from playground_tui.workspace.answering import Answering
    from playground_tui.workspace.handlers.calls import CallAnswer


class CallActions(WorkspaceScreen):
    @property
    def _answering(self) -> Answering:
        return self.workspace.conversation.value.calls

    @on(CallTyped)
    def _keep_typed(self, event: CallTyped) -> None:
        self._answering.set_typed(event.call_id, event.text)

    @on(CallAnswered)
    def _answer_call(self, event: CallAnswered) -> None:
        self._answering.answer(event.call_id, event.text, error=event.error)

    @on(CallApproved)
    def _approve_call(self, event: CallApproved) -> None:
        self.start(self._answering.approve(event.call_id, event.scope), "approve call")

    @on(CallWished)
    def _do_with_call(self, event: CallWished) -> None:
        answer, answering = event.answer, self._answering
        if event.wish == "submit":
            answering.submit()
        elif answer is None:
            return
        elif event.wish == "end":
            answering.end(answer.call.id)
        elif event.wish == "take_back":
            answering.take_back(answer.call.id)
        elif event.wish == "choose_mock":
            self._choose_mock(answer)
        else:
            self._show_answer(answer)

    def _assistant_of_calls(self) -> str:
        draft = self.workspace.editor.draft.value
        return self.workspace.conversation.value.assistant_id or draft.assistant_id or draft.id

    @on(MockKept)
    def _keep_mock(self, event: MockKept) -> None:
        from playground_tui.tui.screens.ask import AskText

        assistant, function = self._assistant_of_calls(), event.answer.call.name

        def keep(name: str | None) -> None:
            if name:
                self.start(self._mock_kept(assistant, function, name, event.text), "keep mock")

        self.app.push_screen(AskText(f"Keep as a mock of {function}", "default"), keep)

    async def _mock_kept(self, assistant: str, function: str, name: str, text: str) -> None:
        await self.workspace.functions().keep_mock(assistant, function, name, text)
        self.tell(f"Kept: the mock {name} of {function}.")

    def action_take_approvals_back(self) -> None:
        self.start(self._approvals_taken_back(), "take approvals back")

    async def _approvals_taken_back(self) -> None:
        await self.workspace.functions().take_approvals_back()
        self.tell("You are asked again before a handler runs.")

    def _choose_mock(self, answer: CallAnswer) -> None:
        mocks = self.workspace.functions().mocks(self._assistant_of_calls(), answer.call.name)
        if not mocks:
            self.tell("No answer is kept for this function yet: write one, then Keep as mock.")
            return
        from playground_tui.tui.calls.mocks import MockScreen

        def take(name: str | None) -> None:
            if name:
                self._answering.answer_with_mock(answer.call.id, name)

        self.app.push_screen(MockScreen(self.workspace, answer.call.name, mocks), take)

    def _show_answer(self, answer: CallAnswer) -> None:
        from playground_tui.tui.calls.mocks import show_answer

        self.app.push_screen(show_answer(answer, self.workspace.clock.now()))
