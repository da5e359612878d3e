"""The app around the screens: themes, keys, clipboard, faults, ways out. Contract: importing this loads neither the
client library nor the service; both come after the first frame, in threads of their own."""

from __future__ import annotations

import asyncio
import gc
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextvars import copy_context
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events
from textual._styles_cache import StylesCache
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen

from playground_tui.settings.model import LOCAL_SERVER
from playground_tui.tui import themes
from playground_tui.tui.clipboard import Copier, Pyperclip
from playground_tui.tui.faults import Faults
from playground_tui.tui.harmless_lines import HarmlessLines
from playground_tui.tui.key_order import TYPED, KeyOrder, Mark
from playground_tui.tui.screen_memory import ScreenMemory
from playground_tui.tui.screens.main import NOTHING, MainScreen, Wanted
from playground_tui.tui.stand_aside import StandAside
from playground_tui.tui.terminal_driver import driver_over

if TYPE_CHECKING:
    from textual.await_complete import AwaitComplete
    from textual.command import Provider
    from textual.driver import Driver
    from textual.filter import LineFilter

    from playground_tui.settings.file import SettingsProblem, SettingsStore
    from playground_tui.settings.model import Settings
    from playground_tui.settings.paths import Paths
    from playground_tui.tui.last_picture import LastPicture
    from playground_tui.workspace.connections.values import ConnectionsState
    from playground_tui.workspace.workspace import Workspace


def _palette() -> type[Provider]:
    from playground_tui.tui.palette import PlaygroundCommands

    return PlaygroundCommands


class PlaygroundApp(App[int]):
    TITLE = "Playground"
    CSS = """
    Toast { background: $panel; border-left: outer $accent; }
    ToastRack { margin-bottom: 3; }
    """
    COMMANDS = App.COMMANDS | {_palette}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "quit", "Quit", show=False, priority=True, id="app.quit"),
        Binding("ctrl+c", "copy_nothing", "Copy", show=False, system=True),
        Binding("ctrl+p", "command_palette", "commands", id="app.palette"),
        Binding("f1", "help", "Help", show=False, priority=True, id="app.help"),
    ]

    def __init__(
        self,
        workspace: Workspace,
        paths: Paths,
        settings: SettingsStore,
        *,
        now: Callable[[], datetime] = lambda: datetime.now().astimezone(),
        copier: Copier | None = None,
        wanted: Wanted = NOTHING,
        picture: LastPicture | None = None,
    ) -> None:
        self._picture = picture
        super().__init__()
        self._harmless = HarmlessLines()
        self.workspace = workspace
        self.paths = paths
        self.settings = settings
        self.faults = Faults(paths.log_file)
        self._now = now
        self._wanted = wanted
        self._copier = copier or Copier(Pyperclip(), self._write_to_terminal, os.environ, folder=paths.data)
        self._theme_folders = (themes.shipped_folder(), paths.themes)
        self._known: tuple[Settings, tuple[SettingsProblem, ...]] = (settings.current, settings.problems)
        self._leaving = False
        self._is_loaded = False
        self._is_settled = False
        self._has_told = False
        self.rebound: Mapping[str, str] = {}
        """The person's keymap, as far as it works: binding id → keys."""
        self.key_order = KeyOrder(self)
        self.aside = StandAside()
        if not settings.current.animations:
            self.animation_level = "none"
        self._take_first_theme()

    def get_driver_class(self) -> type[Driver]:
        return driver_over(super().get_driver_class(), self.leave, self._picture, self._key_read)

    def _key_read(self) -> None:
        """On the thread that reads the terminal."""
        self.aside.key()

    def get_line_filters(self) -> Sequence[LineFilter]:
        return (*super().get_line_filters(), self._harmless)

    def get_default_screen(self) -> Screen[None]:
        return MainScreen(self.workspace, ScreenMemory(self.paths.data), self._now, self._wanted)

    def on_mount(self) -> None:
        self.own_context = copy_context()
        self.call_after_refresh(self._settle)

    def _settle(self) -> None:
        """What the first frame can do without."""
        if self._leaving or not self.is_running:
            return
        self._is_settled = True
        self._take_keymap()
        self.set_timer(THEMES_DELAY, self._read_themes)
        for problem in self.settings.problems:
            self.notify(str(problem), severity="warning", markup=False, timeout=15)

    def on_resize(self, event: events.Resize) -> None:
        """Textual drops a size that is not new, and one that comes back before the other was laid out. Both come when
        the program was suspended, or a terminal made smaller and larger at once: what stood there may be gone."""
        if self._is_settled and event.size in (self.size, self.screen.outer_size):
            self.screen.refresh()

    async def on_event(self, event: events.Event) -> None:
        """Keys that come before the widgets they are meant for wait in order; none is lost, none runs into a gap."""
        if isinstance(event, TYPED) and not event.is_forwarded:
            self.key_order.put(event)
            await self._pass_keys()
            if self.aside.holds:
                self.call_after_refresh(self.aside.done)
        else:
            await super().on_event(event)

    async def _pass_keys(self) -> None:
        while (event := self.key_order.next()) is not None:
            self._let_type(event)
            target = self.focused
            await super().on_event(event)
            self.key_order.gone(event, target)

    async def on_mark(self, mark: Mark) -> None:
        self.key_order.arrived(mark)
        await self._pass_keys()

    def _let_type(self, event: events.Event) -> None:
        """What is written while the messages have the focus belongs into the box. The focus moves here, before the key
        goes on its way: a widget that handed it on would be overtaken by the next key."""
        if isinstance(self.screen, MainScreen) and isinstance(event, (events.Key, events.Paste)):
            self.screen.meet_typing(event)

    def ready(self) -> None:
        """The first screen has its focus, or will have it before this: take what was typed until now."""
        self.call_later(self._take_early)

    async def _take_early(self) -> None:
        self.key_order.open()
        await self._pass_keys()

    def push_screen(self, *args: Any, **options: Any) -> Any:
        self.key_order.close()
        pushed = super().push_screen(*args, **options)
        self.screen.call_after_refresh(self.key_order.follow)
        return pushed

    def pop_screen(self) -> AwaitComplete:
        popped = super().pop_screen()
        StylesCache.get_inner_outer.cache_clear()  # it holds 1,024 caches, and so all that closed screens drew
        self.key_order.follow()
        return popped

    async def on_app_focus(self) -> None:
        """Back from another window: take up what changed there, in the settings, on the server, in another app."""
        if self._is_loaded:
            self.run_worker(self._take_up(), group="take up", exclusive=True, exit_on_error=False)

    async def _take_up(self) -> None:
        try:
            await self.workspace.refresh()
        except Exception as error:
            self.faults.record(error, "taking up changes")

    def _take_settings(self, state: ConnectionsState) -> None:
        """The settings file changed, here or outside: keys, theme and what is wrong with it."""
        known, self._known = self._known, (self.settings.current, state.problems)
        before, now = known[0], self.settings.current
        if (before.keymap, before.send_key) != (now.keymap, now.send_key):
            self.rebound = {}
            self.set_keymap({})
            self._take_keymap()
        self._follow_theme()
        for problem in state.problems:
            if problem not in known[1]:
                self.notify(str(problem), severity="warning", markup=False, timeout=15)

    def _refresh_notifications(self) -> None:
        """Textual hides the empty rack of notices on every new screen, which lays out and paints the whole again."""
        self._has_told = self._has_told or len(self._notifications) > 0
        if self._has_told:
            super()._refresh_notifications()

    def loaded(self) -> None:
        """Nothing heavy is to come: what was loaded stays, so collections need not look at it again."""
        self._is_loaded = True
        self.workspace.connections.state.watch(self._take_settings)
        if not gc.isenabled():
            gc.freeze()
            gc.enable()
        self.run_worker(self._warm, exit_on_error=False)  # type: ignore[arg-type]

    async def _warm(self) -> None:
        """What the first reply would load on this loop, where it would hold keys."""
        from playground_tui.tui.chat_view import warm

        await asyncio.to_thread(warm)
        self.aside.end()

    # -- themes ------------------------------------------------------------------------------------------------------

    def _take_first_theme(self) -> None:
        wanted = self.settings.current.theme or themes.DEFAULT
        if wanted not in self.available_themes:
            kept = self.paths.cache / "theme.json"
            names = dict.fromkeys((wanted, themes.DEFAULT))
            tries = (themes.load_first(name, self._theme_folders, kept) for name in names)
            found = next((theme for theme in tries if theme is not None), None)
            if found is None:
                return
            self.register_theme(found)
            wanted = found.name
        self.theme = wanted

    def _read_themes(self) -> None:
        if self.is_running and not self._leaving:
            # A coroutine that is cancelled before it began is complained of; a function is not.
            self.run_worker(self._take_themes, exit_on_error=False)  # type: ignore[arg-type]

    async def _take_themes(self) -> None:
        loaded = await asyncio.to_thread(themes.load_all, self._theme_folders)
        for theme in loaded.found.values():
            self.register_theme(theme)
        for problem in loaded.problems:
            self.notify(problem, severity="warning", markup=False, timeout=15)
        wanted = self.settings.current.theme
        if wanted and wanted not in self.available_themes:
            self.notify(f"There is no theme {wanted}; {self.theme} is used.", severity="warning", markup=False)
        self._follow_theme()
        self.theme_changed_signal.subscribe(self, lambda theme: self._keep_theme(theme.name))

    def _follow_theme(self) -> None:
        wanted = self.settings.current.theme
        if wanted and wanted != self.theme and wanted in self.available_themes:
            self.theme = wanted

    def _keep_theme(self, name: str) -> None:
        if name != (self.settings.current.theme or themes.DEFAULT):
            self.run_worker(self._write_setting("theme", name), exit_on_error=False)

    async def _write_setting(self, setting: str, value: Any) -> None:
        try:
            await asyncio.to_thread(self.settings.set, setting, value)
        except Exception as error:
            self.faults.record(error, f"keeping the setting {setting}")
            self.notify("The settings file could not be written.", severity="error", markup=False)

    # -- keys --------------------------------------------------------------------------------------------------------

    def _take_keymap(self) -> None:
        settings = self.settings.current
        wanted = dict(settings.keymap)
        if settings.send_key == "ctrl+j":
            wanted = {"message.send": "ctrl+j", "message.newline": "enter,shift+enter,alt+enter", **wanted}
        if not wanted:
            return
        from playground_tui.tui.keymap import check_keymap
        from playground_tui.tui.scopes import scopes

        checked = check_keymap(wanted, scopes())
        self.rebound = checked.keymap
        self.set_keymap(checked.keymap)
        for problem in checked.problems:
            self.notify(problem, severity="warning", markup=False, timeout=15)

    def get_key_display(self, binding: Binding) -> str:
        """Keys as people write them: `ctrl+o`, not `^o`."""
        if binding.key_display:
            return binding.key_display
        *modifiers, key = binding.key.split("+")
        from textual.keys import format_key

        return "+".join([*modifiers, SHORT.get(key) or format_key(key)])

    def action_help(self) -> None:
        from playground_tui.tui.screens.help import HelpScreen, live_keys

        if isinstance(self.screen, HelpScreen):
            self.screen.action_leave()
        else:
            self.push_screen(HelpScreen(live_keys(self.screen)))

    def action_copy_nothing(self) -> None:
        self.notify("Nothing is selected. Ctrl+q quits.", markup=False)

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        yield SystemCommand("Theme", "Change the colours", self.action_change_theme)
        yield SystemCommand("Keys", "The keys that work now", self.action_help)
        yield SystemCommand("Quit", "Leave; everything typed is kept", self.action_quit)

    # -- clipboard -----------------------------------------------------------------------------------------------------

    def copy_to_clipboard(self, text: str) -> None:
        self._clipboard = text
        self.run_worker(self._copy(text), exit_on_error=False)

    async def _copy(self, text: str) -> None:
        self.notify(await self._copier.copy(text), markup=False, timeout=3)

    def _write_to_terminal(self, sequence: str) -> None:
        if self._driver is not None:
            self._driver.write(sequence)

    # -- ways out ------------------------------------------------------------------------------------------------------

    async def action_quit(self) -> None:
        running = self.workspace.threads.running
        if self.workspace.disk.value is not None:
            self._ask_to_lose()
            return
        if not running:
            self.leave(0)
            return
        from playground_tui.tui.screens.quit import QuitScreen

        if not isinstance(self.screen, QuitScreen):
            state = self.workspace.connection.value
            screen = QuitScreen(running, carried=state.server == LOCAL_SERVER, stoppable="cancel" not in state.lacking)
            self.push_screen(screen, self._take_quit)

    def _ask_to_lose(self) -> None:
        from playground_tui.tui.screens.ask import Ask

        failure = self.workspace.disk.value
        if failure is not None and not isinstance(self.screen, Ask):
            text = f"{failure.what} What was typed since then is not written, and leaving loses it. {failure.next}"
            buttons = (("leave", "Leave and lose it"), ("stay", "Stay"))
            self.push_screen(Ask("Quit", text, buttons), lambda answer: self._take_quit(answer == "leave"))

    def _take_quit(self, leave: bool | None) -> None:
        if leave:
            self.leave(0)

    def leave(self, code: int) -> None:
        """End with this exit code. What is typed and still on its way through the widgets gets on disk first."""
        self.workspace.flush_now()
        if not self._leaving:
            self._leaving = True
            self.run_worker(self._leave(code), exit_on_error=False)

    async def _leave(self, code: int) -> None:
        try:
            await asyncio.wait_for(self._let_keys_arrive(), KEYS_ARRIVE)
        finally:
            self.workspace.flush_now()
            self._take_picture()
            self.exit(code)

    def _take_picture(self) -> None:
        """Of the main screen, without the save state: that is not known at the next start before it is read."""
        screen = self.screen_stack[0]
        if self._picture is None or not isinstance(screen, MainScreen):
            return
        screen.header.save_state = None
        strips = screen._compositor.render_strips()
        self._picture.take([strip.render(self.console) for strip in strips], self.size.width)

    async def _let_keys_arrive(self) -> None:
        """Each widget handles its messages in order and hands them up; so a call through each of them from the
        focused one upwards comes after every key that was pressed before."""
        focused = self.screen_stack[0].focused
        for pump in focused.ancestors_with_self if focused is not None else ():
            arrived = asyncio.Event()
            pump.call_later(arrived.set)
            await arrived.wait()

    def _handle_exception(self, error: Exception) -> None:
        self.workspace.flush_now()
        self.faults.record(error)
        super()._handle_exception(error)

    def _fatal_error(self) -> None:
        """Instead of Textual's traceback with local variables: one sentence."""
        self.panic()

    def panic(self, *renderables: Any) -> None:
        """Whatever Textual wanted to print is in the log by its places; the screen gets one sentence."""
        from rich.text import Text

        self.workspace.flush_now()
        if not self._exit_renderables:
            self._exit_renderables.append(Text(self.faults.sentence()))
        self._return_code = 1
        self._close_messages_no_wait()


THEMES_DELAY = 0.2
"""Seconds after the first frame, which has its theme: reading the others would hold up what was typed until then."""
KEYS_ARRIVE = 0.5
"""Seconds that leaving waits at most for keys on their way."""
SHORT = {"escape": "esc", "enter": "enter", "pageup": "pgup", "pagedown": "pgdn"}
