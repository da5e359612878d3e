import pytest

from playground_tui.limits.bodies import CREATE_RUN, CREATE_THREAD, SUBMIT_TOOL_OUTPUTS, check_body


def store(**chunks: int) -> dict:
    strategy = {"type": "static", "static": chunks}
    return {"tool_resources": {"file_search": {"vector_stores": [{"chunking_strategy": strategy}]}}}


@pytest.mark.parametrize(
    ("chunks", "param"),
    [
        ({"max_chunk_size_tokens": 800, "chunk_overlap_tokens": 400}, None),
        ({"max_chunk_size_tokens": 800, "chunk_overlap_tokens": 401}, "chunk_overlap_tokens"),
        ({"max_chunk_size_tokens": 99, "chunk_overlap_tokens": 0}, "max_chunk_size_tokens"),
        ({"max_chunk_size_tokens": 4097, "chunk_overlap_tokens": 0}, "max_chunk_size_tokens"),
        ({"max_chunk_size_tokens": 800, "chunk_overlap_tokens": -1}, "chunk_overlap_tokens"),
        ({"max_chunk_size_tokens": 800}, "chunk_overlap_tokens"),
    ],
)
def test_chunks_overlap_by_half_at_most(chunks: dict, param: str | None):
    problem = check_body(CREATE_THREAD, store(**chunks))
    where = "tool_resources.file_search.vector_stores[0].chunking_strategy.static"
    assert (problem and problem.param) == (param and f"{where}.{param}")


def test_every_override_may_be_null():
    for name in CREATE_RUN.fields:
        if name != "assistant_id":
            assert check_body(CREATE_RUN, {"assistant_id": "asst_1", name: None}) is None, name


@pytest.mark.parametrize("body", [None, [], "x", 5, True])
def test_a_body_is_an_object(body: object):
    problem = check_body(SUBMIT_TOOL_OUTPUTS, body)
    assert problem is not None
    assert problem.code == "invalid_type"


def test_a_problem_repeats_no_more_of_a_value_than_needed():
    problem = check_body(CREATE_RUN, {"assistant_id": "a", "x" * 10_000: 1})
    assert problem is not None
    assert len(problem.message) < 200
