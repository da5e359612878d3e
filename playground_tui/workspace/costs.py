"""What a run cost, from the price table in the settings; none is shipped."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from playground_tui.workspace.values import ReplyFacts, TokenUse

Price = Callable[[str, TokenUse], float | None]
PER: Final = 1_000_000
"""Tokens that a price is for."""


def cost_of(prices: Mapping[str, Mapping[str, float]], model: str, tokens: TokenUse) -> float | None:
    """Money for `tokens`; None for a model without a price. `provider/model` counts before the bare name. Without a
    price of their own cached tokens cost what others do; reasoning tokens are part of the output."""
    price = prices.get(model) or prices.get(model.partition("/")[2])
    if not price:
        return None
    read = price.get("input", 0.0)
    cached = min(tokens.cached, tokens.prompt)
    total = (tokens.prompt - cached) * read + cached * price.get("cached", read)
    return (total + tokens.completion * price.get("output", 0.0)) / PER


def priced(facts: ReplyFacts, price: Price) -> ReplyFacts:
    """With what it cost, where that is known."""
    cost = price(facts.model, facts.tokens) if facts.tokens is not None else None
    return replace(facts, cost=cost) if cost is not None else facts
