"""Values over time as an SVG: panels below each other, each with lines of one unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT, LEFT, TOP, GAP = 860, 150, 70, 40, 60
COLOURS = ("#2f6fb3", "#c2571a", "#3d8b4f", "#7a4fa3")


@dataclass(frozen=True)
class Line:
    name: str
    points: Sequence[tuple[float, float]]
    """(minutes, value)"""


@dataclass(frozen=True)
class Panel:
    title: str
    lines: Sequence[Line]


def svg(title: str, panels: Sequence[Panel]) -> str:
    total = TOP + len(panels) * (HEIGHT + GAP)
    body = "".join(_panel(panel, TOP + number * (HEIGHT + GAP)) for number, panel in enumerate(panels))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {total}" font-family="sans-serif" '
        f'font-size="12"><rect width="{WIDTH}" height="{total}" fill="#ffffff"/>'
        f'<text x="{LEFT}" y="22" font-size="15">{escape(title)}</text>{body}</svg>\n'
    )


def _panel(panel: Panel, top: int) -> str:
    points = [point for line in panel.lines for point in line.points]
    most_x, most_y = max(x for x, _ in points) or 1, _round_up(max(y for _, y in points) or 1)
    right, bottom = WIDTH - 20, top + 20 + HEIGHT

    def place(x: float, y: float) -> tuple[float, float]:
        return LEFT + (right - LEFT) * x / most_x, bottom - HEIGHT * y / most_y

    drawn = [f'<text x="{LEFT}" y="{top + 10}" fill="#222222">{escape(panel.title)}</text>']
    for share in (0, 0.5, 1):
        _, y = place(0, most_y * share)
        drawn.append(f'<path d="M{LEFT} {y:.1f}H{right}" stroke="#dddddd"/>')
        drawn.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end" fill="#555555">{most_y * share:g}</text>')
    for minute in range(int(most_x) + 1):
        x, _ = place(minute, 0)
        drawn.append(f'<text x="{x:.1f}" y="{bottom + 16}" text-anchor="middle" fill="#555555">{minute} min</text>')
    beside = right
    for line, colour in zip(reversed(panel.lines), reversed(COLOURS[: len(panel.lines)]), strict=True):
        path = "L".join("{:.1f} {:.1f}".format(*place(x, y)) for x, y in line.points)
        drawn.append(f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
        drawn.append(f'<text x="{beside}" y="{top + 10}" text-anchor="end" fill="{colour}">{escape(line.name)}</text>')
        beside -= 10 + 7 * len(line.name)
    return "".join(drawn)


def _round_up(value: float) -> float:
    """To a value whose half reads well."""
    step = 1.0
    while step * 10 < value:
        step *= 10
    while step > value:
        step /= 10
    return next(step * times for times in (1, 2, 4, 6, 8, 10) if step * times >= value)
