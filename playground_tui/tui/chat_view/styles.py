"""Style keys to Rich styles, from the view's component classes: themes restyle the chat through CSS alone."""

from __future__ import annotations

from rich.style import Style
from textual.widget import Widget

PREFIX = "chat--"

NAMES = (
    "you",
    "author",
    "dim",
    "call",
    "warning",
    "remark",
    "waiting",
    "more",
    "chosen",
    "span",
    "found",
    "strong",
    "em",
    "s",
    "link",
    "citation",
    "html",
    "quote",
    "quote-bar",
    "bullet",
    "rule",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "code-inline",
    "code",
    "code-label",
    "code-comment",
    "code-keyword",
    "code-string",
    "code-number",
    "code-name",
    "code-builtin",
    "code-inserted",
    "code-deleted",
)

CSS = """
ChatView {
    height: 1fr;
    background: transparent;
    color: $foreground;
    overflow-x: hidden;
    overflow-y: auto;
    scrollbar-gutter: stable;
    scrollbar-size-vertical: 1;
}
ChatView > .chat--you { text-style: bold; }
ChatView > .chat--author { text-style: bold; }
ChatView > .chat--dim { color: $text-muted; }
ChatView > .chat--call { color: $text-muted; }
ChatView > .chat--warning { color: $text-warning; }
ChatView > .chat--remark { text-style: italic; }
ChatView > .chat--waiting { color: $text-muted; text-style: italic; }
ChatView > .chat--more { color: $text-muted; background: $surface; }
ChatView > .chat--chosen { color: $accent; text-style: bold; }
ChatView > .chat--span { color: $block-cursor-foreground; background: $block-cursor-background; }
ChatView > .chat--found { color: $text-warning; text-style: reverse; }
ChatView > .chat--strong { text-style: bold; }
ChatView > .chat--em { text-style: italic; }
ChatView > .chat--s { text-style: strike; }
ChatView > .chat--link { text-style: underline; }
ChatView > .chat--citation { color: $text-muted; }
ChatView > .chat--html { color: $text-muted; }
ChatView > .chat--quote { color: $text-muted; }
ChatView > .chat--quote-bar { color: $text-disabled; }
ChatView > .chat--bullet { color: $text-muted; }
ChatView > .chat--rule { color: $text-disabled; }
ChatView > .chat--h1 { text-style: bold underline; }
ChatView > .chat--h2 { text-style: bold; }
ChatView > .chat--h3 { text-style: bold; }
ChatView > .chat--h4 { text-style: bold italic; }
ChatView > .chat--h5 { text-style: italic; }
ChatView > .chat--h6 { text-style: italic; }
ChatView > .chat--code-inline { background: $surface; color: $text; }
ChatView > .chat--code { background: $surface; color: $foreground; }
ChatView > .chat--code-label { color: $text-muted; }
ChatView > .chat--code-comment { color: $text-muted; text-style: italic; }
ChatView > .chat--code-keyword { color: $text-accent; }
ChatView > .chat--code-string { color: $text-success; }
ChatView > .chat--code-number { color: $text-warning; }
ChatView > .chat--code-name { color: $text-primary; }
ChatView > .chat--code-builtin { color: $text-secondary; }
ChatView > .chat--code-inserted { color: $text-success; }
ChatView > .chat--code-deleted { color: $text-error; }
"""


class Palette:
    """Resolved once for each look of the view."""

    def __init__(self, widget: Widget) -> None:
        self._widget = widget
        self._styles: dict[str, Style] = {}
        self._partials: dict[str, Style] = {}
        self.base = widget.rich_style
        self.selection = widget.screen.get_component_rich_style("screen--selection", partial=True)

    def __getitem__(self, key: str) -> Style:
        style = self._styles.get(key)
        if style is None:
            style = self.base
            for name in key.split():
                style += self._partial(name)
            self._styles[key] = style
        return style

    def over(self, name: str) -> Style:
        """Of a component that is laid over others: only what it says itself."""
        return self._partial(name)

    def _partial(self, name: str) -> Style:
        """What the component's own rules say; the rest is left to the style below it."""
        style = self._partials.get(name)
        if style is None:
            style = self._partials[name] = self._resolve(name) if name in _KNOWN else Style.null()
        return style

    def _resolve(self, name: str) -> Style:
        component = self._widget.get_component_styles(PREFIX + name)
        # The whole style, since `auto` colours and translucent ones are only known on their ground.
        whole = component.rich_style
        color = whole.color if component.has_rule("color") else None
        ground = whole.bgcolor if component.has_rule("background") else None
        return Style(color=color, bgcolor=ground) + component.text_style


_KNOWN = frozenset(NAMES)
