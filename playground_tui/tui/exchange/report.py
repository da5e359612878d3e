"""What was found in files, in words. Contract: pure."""

from __future__ import annotations

from collections.abc import Callable

from textual.content import Content

from playground_tui.tui.config.exact import visible
from playground_tui.tui.config.row import MUTED
from playground_tui.workspace.exchange.intake import Intake, Taken


def report(found: Intake, listed: Callable[[str], bool | None]) -> Content:
    """Each file with its fate. `listed` says whether a provider lists a model; None: nobody can know."""
    lines = [_taken(taken, listed) for taken in found.taken]
    lines += [
        Content.assemble(("! ", "$text-error"), (visible(refused.source), "bold"), "\n    ", visible(refused.why))
        for refused in found.refused
    ]
    return Content("\n").join(lines) if lines else Content("Nothing is there that could be taken.")


def _taken(taken: Taken, listed: Callable[[str], bool | None]) -> Content:
    made = Content.assemble(
        ("+ ", "bold"),
        (visible(taken.name), "bold"),
        (f"  {taken.kind} · {visible(taken.source)}", MUTED),
        *(f"\n    changed: {visible(sentence)}" for sentence in taken.changed),
        *(f"\n    left out: {visible(sentence)}" for sentence in taken.not_taken),
    )
    model = str(taken.fields.get("model") or "")
    if taken.kind == "assistant" and model and listed(model) is False:
        flag = f"\n    ? no provider lists {visible(model)}; f2 maps it to one that is"
        made = Content.assemble(made, (flag, "$text-warning"))
    return made


def unlisted(found: Intake, listed: Callable[[str], bool | None]) -> tuple[str, ...]:
    """Models that no provider lists, each once."""
    models = (str(taken.fields.get("model") or "") for taken in found.taken if taken.kind == "assistant")
    return tuple(dict.fromkeys(model for model in models if model and listed(model) is False))
