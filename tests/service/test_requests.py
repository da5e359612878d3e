"""Whatever is sent, the answer is clean."""

import json

import pytest

DEEP = "[" * 200_000 + "]" * 200_000


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", "invalid_json"),
        (b"not json", "invalid_json"),
        (b'{"model": "m"', "invalid_json"),
        (b'{"model": "\xff"}', "invalid_json"),
        (b'{"model": NaN}', "invalid_json"),
        (b'{"temperature": 1e999, "model": "m"}', "invalid_json"),
        (b'{"model": "m", "temperature": ' + b"9" * 10_000 + b"}", "invalid_json"),
        (b'{"model": "m", "temperature": 99999999999999999999}', "invalid_json"),
        (b'{"model": "a\\u0000b"}', "invalid_string"),
        (b'{"model": "m", "metadata": {"\\ud800": "x"}}', "invalid_string"),
        (b'{"model": "m", "name": "\\uDC00"}', "invalid_string"),
        (DEEP.encode(), "invalid_json"),
        (b'{"model": "m", "x": ' + DEEP.encode() + b"}", "invalid_json"),
        (b'{"a":' * 5000 + b"1" + b"}" * 5000, "invalid_json"),
        (b'"' + b'\\"a[' * 200_000, "invalid_json"),
        (b'"' + b'\\"a[' * 200_000 + b"\\", "invalid_json"),
        (b"[]", "invalid_type"),
        (b"null", "invalid_type"),
        (b'"model"', "invalid_type"),
        (b"", "missing_body"),
        (b"   ", "missing_body"),
    ],
)
async def test_bad_bodies(raw, body: bytes, code: str):
    answer = await raw.post("/assistants", content=body, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)


@pytest.mark.parametrize("text", ["🎈", "\\u2028", '"quoted \\" [[[['])
async def test_odd_but_good_text_is_kept(raw, text: str):
    body = json.dumps({"model": "m", "name": text, "instructions": "[{" * 200 + '"}'})
    answer = await raw.post("/assistants", content=body, headers={"content-type": "application/json"})
    assert answer.json()["name"] == text


async def test_levels_are_counted_outside_of_strings(raw):
    def nested(levels: int) -> bytes:
        deep = '{"a[{":' * levels + '"\\"[["' + "}" * levels
        function = f'{{"name": "f", "parameters": {deep}}}'
        return f'{{"model": "m", "tools": [{{"type": "function", "function": {function}}}]}}'.encode()

    assert (await raw.post("/assistants", content=nested(96))).status_code == 200
    assert (await raw.post("/assistants", content=nested(97))).status_code == 400


async def test_a_surrogate_pair_is_one_character(raw):
    answer = await raw.post("/assistants", content=b'{"model": "m", "name": "\\ud83c\\udf88"}')
    assert answer.json()["name"] == "🎈"


async def test_other_content_types_are_refused(raw):
    answer = await raw.post(
        "/assistants", content=b"model=m", headers={"content-type": "application/x-www-form-urlencoded"}
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (415, "unsupported_content_type")
    fine = await raw.post(
        "/assistants", content=b'{"model": "m"}', headers={"content-type": "application/json; charset=utf-8"}
    )
    assert fine.status_code == 200


async def test_a_body_is_bounded(raw, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("playground_tui.service.decode.MAX_BODY", 1000)

    async def endless():
        while True:
            yield b" " * 500

    for content in (b" " * 1001, endless()):
        answer = await raw.post("/assistants", content=content)
        assert (answer.status_code, answer.json()["error"]["code"]) == (413, "request_too_large")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/v1", 404),
        ("GET", "/nothing", 404),
        ("GET", "/assistants/", 404),
        ("GET", "/batches", 404),
        ("POST", "/responses", 404),
        ("PUT", "/assistants", 405),
        ("PATCH", "/assistants/asst_1", 405),
        ("DELETE", "/threads", 405),
        ("GET", "/threads/thread_1/runs/run_1/cancel", 405),
        ("OPTIONS", "/assistants", 405),
        ("GET", "/threads/thread_1/runs/run_1/steps/step_1/x", 404),
        ("GET", "/assistants/%00", 404),
        ("GET", "/assistants/%F0%9F%8E%88%0A", 404),
    ],
)
async def test_unknown_paths_and_methods(raw, method: str, path: str, status: int):
    answer = await raw.request(method, f"http://playground.local{path}")
    assert answer.status_code == status
    assert set(answer.json()["error"]) == {"message", "type", "param", "code"}
    assert status != 405 or "allow" in answer.headers


async def test_paths_with_and_without_the_version(raw):
    for base in ("http://playground.local/v1", "http://playground.local"):
        answer = await raw.get(f"{base}/assistants")
        assert answer.status_code == 200
        assert int(answer.headers["openai-processing-ms"]) >= 0
        assert (await raw.head(f"{base}/assistants")).status_code == 200


async def test_the_number_of_values_is_bounded_wherever_they_hide(raw, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("playground_tui.service.json_text.MAX_VALUES", 1000)
    for values in ("[],", '"",', "1,", "{},", '{"a":1},', '"\\\\",', '"\\"",'):
        body = f'{{"model": "m", "x": [{values * 5000}0]}}'
        answer = await raw.post("/assistants", content=body.encode())
        assert "too many values" in answer.json()["error"]["message"], values
    good = json.dumps({"model": "m", "instructions": '",[]{}\\' * 5000})
    assert (await raw.post("/assistants", content=good.encode())).status_code == 200


async def test_only_messages_and_outputs_may_be_as_large_as_pictures(raw, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("playground_tui.service.decode.MAX_BODY", 1000)
    text = "x" * 2000
    thread = (await raw.post("/threads", json={"messages": [{"role": "user", "content": text}]})).json()
    path = f"/threads/{thread['id']}"
    assert (await raw.post(f"{path}/messages", json={"role": "user", "content": text})).status_code == 200
    for refused in ("/assistants", path):
        answer = await raw.post(refused, json={"metadata": {"note": text}})
        assert answer.json()["error"]["code"] == "request_too_large"
