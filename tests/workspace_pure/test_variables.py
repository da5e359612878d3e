from playground_tui.workspace.variables import fill, missing, names_in


def test_names_are_found_once_in_order() -> None:
    assert names_in("{{b}} {{ a }} {{b}}", None, "{{c.d-e}} {x} {{}} {{1}}") == ("b", "a", "c.d-e")


def test_filled_once_and_what_is_missing_stays() -> None:
    assert fill("Hi {{name}}, {{ city }}!", {"name": "{{city}}"}) == "Hi {{city}}, {{ city }}!"
    assert missing(("name", "city"), {"name": "x", "city": ""}) == ("city",)


def test_braces_can_be_meant() -> None:
    assert names_in(r"\{{name}}") == ()
    assert fill(r"\{{name}}", {"name": "x"}) == "{{name}}"
