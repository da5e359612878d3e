"""How a screen paints what changed. Textual goes through every line of every widget for one changed line, and through
all lines between two changed ones; here only widgets on the changed lines are asked, and only for these lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from textual._compositor import ChopsUpdate, Compositor
from textual.geometry import Region
from textual.strip import Strip


class LineCompositor(Compositor):
    def _get_renders(self, crop: Region | None = None) -> Iterable[tuple[Region, Region, list[Strip]]]:
        if crop is None:
            yield from super()._get_renders()
            return
        for widget, (region, whole_clip) in self.visible_widgets.items():
            clip = whole_clip.intersection(Region(whole_clip.x, crop.y, whole_clip.width, crop.height))
            seen = region.intersection(clip)
            if seen and seen.overlaps(crop):
                yield region, clip, widget.render_lines(seen.translate(-region.offset))

    def render_partial_update(self) -> ChopsUpdate | None:
        screen = self.size.region
        regions = [region for dirty in self._dirty_regions if (region := dirty.intersection(screen))]
        self._dirty_regions.clear()
        if not regions:
            return None
        spans = list(self._regions_to_spans(regions))
        first, *others = _bands(spans)
        chops = list(self._painted(first))
        for band in others:
            chops[band.y : band.bottom] = self._painted(band)[band.y : band.bottom]
        return ChopsUpdate(chops, spans, [cut_set[1:] for cut_set in self.cuts])

    def _painted(self, band: Region) -> Sequence[Mapping[int, Strip]]:
        """All lines of the screen, those of `band` filled."""
        return self._render_chops(band, band.line_range.__contains__)


def _bands(spans: Sequence[tuple[int, int, int]]) -> Iterable[Region]:
    """Around neighbouring lines. `spans`: lines with the columns from and to, in order."""
    lines = sorted({y for y, _, _ in spans})
    for _, group in groupby(enumerate(lines), lambda pair: pair[1] - pair[0]):
        ys = [y for _, y in group]
        inside = [(start, end) for y, start, end in spans if ys[0] <= y <= ys[-1]]
        left, right = min(start for start, _ in inside), max(end for _, end in inside)
        yield Region(left, ys[0], right - left, len(ys))
