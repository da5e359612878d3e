"""Texts whose parts change what came before them, or are hard to cut."""

from __future__ import annotations

SAMPLES = {
    "fences": (
        "Look:\n```python\ndef f():\n    '''doc\n    string'''\n\n    return 1\n```\nthen ~~~\n~~~js\n"
        "let a = `x`;\n``\n~~~~\nend"
    ),
    "open fence": ("text\n\n````\n```\nnot closed\n"),
    "fence with bars": ("``` a|b\n|-|-|\n| 1 | 2 |\n"),
    "table": ("| a | b |\n|:--|--:|\n| 1 | **two** |\n| `x` | [l](http://e.x) |\n\nafter | it\n"),
    "table after text": ("text\n| a | b |\n|---|---|\n| 1 | 2 |\nno bar\n# head\n"),
    "heading that is a table": ("para\n\n# a | b\n|---|---|\n| 1 | 2 |\n"),
    "item that looks like a table": ("- one\n- b | c\n|---|---|\n- three\n"),
    "links": ('See [one](http://a.b/c "title") and <http://d.e>, http://f.g/h. [two\nlines](x) ![pic](i.png)\n'),
    "reference links": (
        "Use [docs] and [this one][Other Docs] and [no].\n\nMore [docs][].\n\n[docs]: http://a.b\n"
        "[other docs]:\n  /c\n  'title'\n\nlast [docs]"
    ),
    "references in lists": ("- [a]\n- [b][a]\n\n> [a]: /x\n\n1. [a]\n"),
    "html": (
        "<div>\n*not em*\n\n</div>\n\n<!-- comment\n\nstill\n-->\nafter <b>bold</b><br>new line\n\n"
        "<script>\nx\n\n</script>\n\n<details><summary>s</summary>\n"
    ),
    "lists": (
        "- a\n- b\n  - c\n\n    para\n  - d\n\n- e\n* other\n1. x\n2. y\n\n   ```\n   code\n   ```\n10. z\n"
        "lazy\n\npara\n3) p\n4) q\n"
    ),
    "loose list": ("1. one\n\n2. two\n\n   more\n\n3. three\n\nend\n"),
    "tasks": ("- [ ] to do\n- [x] done\n- [ ]\n"),
    "quotes": ("> a\n> - b\n>   c\nlazy\n\n> second\n>\n> ```\n> code\n> ```\n"),
    "setext": ("Title\n===\npara\nmore\n---\n- a\n---\n"),
    "footnotes": ("Text[^1] and [^note].\n\n[^1]: The *first*.\n[^note]: Second\n    goes on\n\n    para\n\nafter\n"),
    "indented code": ("para\n\n    code\n\n    more\n\nafter\n"),
    "line ends": ("one\r\ntwo\r\n\r\nthree\rfour\r\n"),
    "wide": (
        "日本語の文章、そして**太字**と emoji 👨\u200d👩\u200d👧 🎉 e\u0301 שלום\n\n"
        "| 名 | 値 |\n|--|--|\n| 全角 | 1 |\n"
    ),
    "hostile": (
        "\x1b[31mred\x1b[0m \x07 \x9b1m [bold]x[/bold] \u202egnp\u202c \u200b\ud800 \x00\n\n```\n\x1b]0;t\x07\n```\n"
    ),
    "empty items": ("-\n\n  foo\n- \n-\n+ \n"),
    "rules": ("***\n- - -\n___\n* * x\n"),
}

LONG_TABLE = "| a | b |\n|---|---|\n" + "".join(f"| {row} | {'v' * (row % 9)} |\n" for row in range(150)) + "\nend\n"
LONG_CODE = "```python\n" + "".join(f"x{row} = '{row}'\n" for row in range(200)) + "```\nend\n"
LONG_LIST = "".join(f"{row}. item *{row}*\n" for row in range(1, 130))
LONG_LINE = "word " * 4_000
