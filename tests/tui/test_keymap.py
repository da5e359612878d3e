import importlib
import inspect
import pkgutil
import re
from pathlib import Path

import playground_tui.tui
from playground_tui.tui.keymap import check_keymap
from playground_tui.tui.scopes import scopes


def test_a_good_entry_is_taken() -> None:
    checked = check_keymap({"thread.new": "alt+t, f11"}, scopes())
    assert checked.keymap == {"thread.new": "alt+t,f11"}
    assert checked.problems == ()


def test_an_unknown_id_is_reported() -> None:
    checked = check_keymap({"thread.nwe": "f12"}, scopes())
    assert checked.keymap == {}
    assert "thread.nwe" in checked.problems[0]


def test_a_key_that_another_action_has_is_reported() -> None:
    checked = check_keymap({"thread.new": "ctrl+o"}, scopes())
    assert checked.keymap == {}
    assert "assistant.list" in checked.problems[0]


def test_two_actions_may_swap_their_keys() -> None:
    wanted = {"thread.new": "ctrl+o", "assistant.list": "ctrl+t"}
    checked = check_keymap(wanted, scopes())
    assert checked.keymap == wanted
    assert checked.problems == ()


def test_two_entries_that_want_one_key_are_reported() -> None:
    checked = check_keymap({"thread.new": "f12", "thread.list": "f12"}, scopes())
    assert checked.problems


def test_the_text_editors_keys_and_disguised_keys_are_refused() -> None:
    for key in ("ctrl+a", "ctrl+k", "ctrl+z", "ctrl+i", "ctrl+m", "ctrl+h", "ctrl+b"):
        checked = check_keymap({"thread.new": key}, scopes())
        assert checked.keymap == {}, key
        assert key in checked.problems[0]


def test_a_letter_is_left_to_typing() -> None:
    assert "typing" in check_keymap({"thread.new": "x"}, scopes()).problems[0]


def test_a_word_that_is_no_key_is_reported() -> None:
    assert check_keymap({"thread.new": "ctlr+l"}, scopes()).problems
    assert check_keymap({"thread.new": "ctrl+nokey"}, scopes()).problems
    assert check_keymap({"thread.new": " , "}, scopes()).problems


def test_the_default_keys_are_free_of_clashes_and_of_the_text_editors_keys() -> None:
    known = scopes()
    ids = {b.id: b.key for scope in known for b in scope.bindings if b.id and scope.app_wide}
    escape = {"view.close", "run.stop"}
    checked = check_keymap({name: keys for name, keys in ids.items() if name not in escape}, known)
    assert checked.problems == ()


def test_every_binding_with_an_id_can_be_rebound() -> None:
    """Found in the sources, so that a new one is not forgotten."""
    package = Path(playground_tui.tui.__file__).parent
    sources = "\n".join(path.read_text("utf-8") for path in package.rglob("*.py"))
    written = set(re.findall(r'Binding\([^#]*?\bid="([a-z]+\.[a-z.]+)"', sources))
    known = {binding.id for scope in scopes() for binding in scope.bindings}
    assert written
    assert written <= known


def test_keys_of_screens_that_never_meet_do_not_clash() -> None:
    checked = check_keymap({"functions.add": "ctrl+o"}, scopes())
    assert checked.problems == ()


def test_the_letters_of_a_screen_without_typing_are_rebound() -> None:
    checked = check_keymap({"connections.test": "x", "connections.key": "t"}, scopes())
    assert checked.keymap == {"connections.test": "x", "connections.key": "t"}
    assert "connections.key" in check_keymap({"connections.test": "k"}, scopes()).problems[0]


def test_the_default_keys_of_every_screen_could_be_written_down() -> None:
    known = scopes()
    for scope in known:
        own = {b.id: b.key for b in scope.bindings if b.id and b.key != "escape"}
        assert check_keymap(own, known).problems == (), scope.name


def test_keys_that_a_line_of_text_takes_are_refused_where_one_has_the_focus() -> None:
    for key in ("x", "ctrl+w"):
        assert "typed in" in check_keymap({"threads.rename": key}, scopes()).problems[0]
    assert check_keymap({"inspector.raw": "x"}, scopes()).problems == ()


def test_what_stands_on_a_screen_shares_its_keys() -> None:
    assert "versions.restore" in check_keymap({"changes.next": "r"}, scopes()).problems[0]
    assert check_keymap({"store.remove": "f5"}, scopes()).problems


def test_every_letter_and_function_key_of_a_screen_has_an_id() -> None:
    """Found in the sources; the cursor's own keys, enter and escape stay what they are."""
    fixed = {"escape", "enter", "space", "tab", "up", "down", "left", "right", "home", "end", "pageup", "pagedown"}
    fixed |= {"plus", "minus", "delete", "backspace", "1", "2", "3", "ctrl+c", "ctrl+shift+a", "shift+f7", "f1", "q"}
    fixed |= {"ctrl+home", "ctrl+end", "ctrl+shift+home", "ctrl+shift+end"}
    package = Path(playground_tui.tui.__file__).parent
    for path in package.rglob("*.py"):
        for keys, rest in re.findall(r'\bBinding\(\s*"([^"]+)",([^\n]*)', path.read_text("utf-8")):
            assert "id=" in rest or set(keys.split(",")) <= fixed, (path.name, keys)


def test_every_key_that_a_screen_offers_is_the_key_of_its_action() -> None:
    package = playground_tui.tui
    modules = [importlib.import_module(m.name) for m in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")]
    kinds = {kind for module in modules for kind in vars(module).values() if inspect.isclass(kind)}
    seen = 0
    for kind in kinds:
        offers = getattr(kind, "OFFERS", None) or getattr(kind, "offers", None)
        bindings = [b for base in kind.__mro__ for b in base.__dict__.get("BINDINGS", ())]
        for key, _, action in offers if isinstance(offers, tuple) else ():
            keys = [b.key.split(",") for b in bindings if b.id and b.action == action.removeprefix("screen.")]
            assert not keys or key in keys[0], (kind.__name__, action)
            seen += len(keys)
    assert seen > 30


def test_every_key_in_a_sentence_is_a_key_of_its_binding() -> None:
    keys = {b.id: b.key.split(",") for scope in scopes() for b in scope.bindings if b.id}
    package = Path(playground_tui.tui.__file__).parent
    named = {
        found
        for path in package.rglob("*.py")
        for found in re.findall(r"\{([a-z]+(?:\.[a-z]+)+):([a-z][a-z0-9+]*)\}", path.read_text("utf-8"))
    }
    assert ("threads.restore", "f9") in named
    for binding_id, key in named:
        assert key in keys[binding_id], binding_id
