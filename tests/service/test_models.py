import asyncio

import openai
import pytest

from playground_tui.service.engines.base import EngineError, ModelInfo
from playground_tui.service.models import FRESH, FRESH_FAILURE, ModelCatalogue
from playground_tui.settings.model import Provider, Settings

GOOD = Provider("good", "chat", base_url="http://one/v1")
BAD = Provider("bad", "chat", base_url="http://two/v1")
SLOW = Provider("slow", "chat", base_url="http://three/v1")


class Engines:
    def __init__(self) -> None:
        self.asked: list[str] = []
        self.hold = asyncio.Event()

    def get(self, provider: Provider) -> "Lister":
        return Lister(self, provider)


class Lister:
    def __init__(self, engines: Engines, provider: Provider) -> None:
        self.engines, self.provider = engines, provider

    async def models(self) -> list[ModelInfo]:
        self.engines.asked.append(self.provider.id)
        if self.provider.id == "bad":
            raise EngineError("down")
        if self.provider.id == "slow":
            await self.engines.hold.wait()
        return [ModelInfo("meta/llama", 5, "meta"), ModelInfo("b")]


async def test_every_provider_that_answers_is_listed_and_remembered():
    engines, now = Engines(), [0.0]
    settings = [Settings(providers=(GOOD, BAD, SLOW))]
    models = ModelCatalogue(engines, lambda: settings[0], patience=0.05, monotonic=lambda: now[0])
    assert [m["id"] for m in await models.all()] == ["good/meta/llama", "good/b"]
    assert [m["owned_by"] for m in await models.all()] == ["meta", "good"]
    assert sorted(engines.asked) == ["bad", "good", "slow"]
    now[0] += FRESH_FAILURE
    await models.all()
    assert sorted(engines.asked) == ["bad", "bad", "good", "slow", "slow"]
    now[0] += FRESH
    engines.hold.set()
    assert len(await models.all()) == 4


async def test_why_a_provider_is_silent_stands_beside_the_list():
    engines = Engines()
    models = ModelCatalogue(engines, lambda: Settings(providers=(GOOD, BAD, SLOW)), patience=0.01)
    answer = await models.answer()
    assert [model["id"] for model in answer["data"]] == ["good/meta/llama", "good/b"]
    assert answer["unlisted"] == [
        {"provider": "bad", "status": None, "message": "down"},
        {"provider": "slow", "status": None, "message": "slow did not list its models within 0.01 s."},
    ]
    engines.hold.set()
    alone = ModelCatalogue(engines, lambda: Settings(providers=(GOOD,)))
    assert "unlisted" not in await alone.answer()


async def test_changed_settings_are_asked_anew():
    engines = Engines()
    settings = [Settings(providers=(GOOD,))]
    models = ModelCatalogue(engines, lambda: settings[0])
    await models.all()
    settings[0] = Settings(providers=(Provider("good", "chat", base_url="http://other/v1"),))
    await models.all()
    assert engines.asked == ["good", "good"]


async def test_one_model_by_its_full_or_bare_name():
    models = ModelCatalogue(Engines(), lambda: Settings(providers=(GOOD,), default_provider="good"))
    assert (await models.one("good/meta/llama"))["id"] == "good/meta/llama"
    assert (await models.one("b"))["id"] == "good/b"


async def test_the_demo_models_are_there_without_network_or_key(client: openai.AsyncOpenAI):
    listed = [model async for model in client.models.list()]
    assert listed
    assert all(model.id.startswith("demo/") for model in listed)
    assert await client.models.retrieve(listed[0].id) == listed[0]
    with pytest.raises(openai.NotFoundError) as caught:
        await client.models.retrieve("demo/nothing")
    assert caught.value.code == "model_not_found"
