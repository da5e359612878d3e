"""Every way to an endpoint that settings offer, over real sockets on loopback: headers and queries, Azure's version,
a proxy, a CA bundle. For a server of assistants and for a provider of models."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.connections.conftest import House
from tests.support.endpoint import ScriptedEndpoint
from tests.support.replies import Call, whole
from tests.support.wait import wait_until

KEY = "a-key-of-loopback-000"
SECTIONS = ("servers", "providers")


def asked(endpoint: ScriptedEndpoint) -> Call | None:
    """The list that the entry was asked for."""
    return next((call for call in endpoint.calls if call.path.endswith(("/assistants", "/models"))), None)


async def reached(house: House, section: str, endpoint: ScriptedEndpoint, entry: str) -> Call:
    """Start on an entry named `it`, and wait for its first call."""
    endpoint.key = None
    endpoint.routes["/assistants"] = whole({"object": "list", "data": [], "has_more": False})
    house.environ["MY_KEY"] = KEY
    kind = "kind: chat, " if section == "providers" else ""
    provider = "default_provider: it\n" if kind else ""
    house.settings(f"{provider}{section}:\n  it: {{{kind}key: 'env:MY_KEY', {entry}}}\n")
    async with house.started("local" if kind else "it") as workspace:
        if kind:
            await workspace.models.refresh()
            assert any(row.id == "it/scripted-model" for row in workspace.models.listing.value.rows)
        else:
            await wait_until(lambda: workspace.connection.value.phase == "ready")
    call = asked(endpoint)
    assert call is not None
    return call


@pytest.mark.parametrize("section", SECTIONS)
async def test_headers_query_organisation_and_project(house: House, endpoint: ScriptedEndpoint, section: str) -> None:
    more = "headers: {x-team: blue}, query: {region: eu}, organization: org-1, project: proj-1"
    call = await reached(house, section, endpoint, f"base_url: '{endpoint.base_url}', {more}")
    sent = {name: call.headers.get(name) for name in ("x-team", "openai-organization", "openai-project")}
    assert sent == {"x-team": "blue", "openai-organization": "org-1", "openai-project": "proj-1"}
    assert "region=eu" in call.query
    assert call.headers["authorization"] == f"Bearer {KEY}"


async def test_a_server_at_azure(house: House, endpoint: ScriptedEndpoint) -> None:
    entry = f"base_url: '{endpoint.base_url}', api_version: 2024-05-01-preview"
    call = await reached(house, "servers", endpoint, entry)
    assert "api-version=2024-05-01-preview" in call.query
    assert call.headers["api-key"] == KEY
    assert "authorization" not in call.headers


@pytest.mark.parametrize("section", SECTIONS)
async def test_a_proxy(house: House, endpoint: ScriptedEndpoint, section: str) -> None:
    proxy = endpoint.base_url.removesuffix("/v1").replace("://", "://me:a-proxy-password@")
    call = await reached(house, section, endpoint, f"base_url: 'http://far.example/v1', proxy: '{proxy}'")
    assert call.headers["host"] == "far.example"
    assert call.headers["proxy-authorization"].startswith("Basic ")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 that vouches for itself, with its key beside it."""
    if shutil.which("openssl") is None:
        pytest.skip("needs openssl to make a certificate")
    bundle = tmp_path_factory.mktemp("tls") / "ca.pem"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=loopback"
    more = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(bundle.with_suffix(".key")), "-out", str(bundle)]
    subprocess.run([*command.split(), *more], check=True, capture_output=True)
    return bundle


@pytest.fixture
def secure(authority: Path) -> Iterator[ScriptedEndpoint]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(authority, authority.with_suffix(".key"))
    with ScriptedEndpoint(tls=context) as endpoint:
        yield endpoint


@pytest.mark.parametrize("section", SECTIONS)
async def test_a_ca_bundle(house: House, secure: ScriptedEndpoint, authority: Path, section: str) -> None:
    call = await reached(house, section, secure, f"base_url: '{secure.base_url}', ca_bundle: '{authority}'")
    assert call.headers["authorization"] == f"Bearer {KEY}"


async def test_without_the_bundle_nobody_is_trusted(house: House, secure: ScriptedEndpoint) -> None:
    house.settings(f"servers:\n  it: {{base_url: '{secure.base_url}'}}\n")
    async with house.started("it") as workspace:
        await wait_until(lambda: workspace.connection.value.phase == "offline")
    assert secure.calls == []
