"""Textual's own driver for this system, taking the terminal over from the last picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playground_tui.tui.last_picture import ENTER

if TYPE_CHECKING:
    from textual.driver import Driver

    from playground_tui.tui.last_picture import LastPicture


def taking_over(base: type[Driver], picture: LastPicture) -> type[Driver]:
    """`base`, not clearing the picture, and restoring the terminal in the end to what it was before the picture."""

    class TakingOver(base):  # type: ignore[misc, valid-type]
        def start_application_mode(self) -> None:
            self._over_picture = picture.is_up
            super().start_application_mode()
            self._over_picture = False
            attributes: list[Any] | None = picture.hand_over()
            if attributes is not None:
                self.attrs_before = attributes

        def write(self, data: str) -> None:
            if not (self._over_picture and data == ENTER):
                super().write(data)

    return TakingOver
