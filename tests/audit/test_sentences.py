"""Every act that the product records can be read in plain words."""

import pytest

from app.audit.sentences import KINDS, LOOKS, WORDS, in_words
from tests.support.route_table import cells_below_a_clinic
from tests.support.source_tree import last_name, sources, text_of_constant

RECORDED = {
    text_of_constant(call.args[1])
    for source in sources("app")
    for call in source.calls("record")
    if source.room != "audit" and len(call.args) > 1 and last_name(call.func) == "record"
} - {""}
# What a shared way records is named by the room that has the thing.
RECORDED |= {
    text_of_constant(one)
    for source in sources("app")
    for call in source.calls("Acts")
    for one in call.args
}


def test_every_recorded_act_has_words_of_its_own() -> None:
    assert len(RECORDED) > 60
    assert sorted(RECORDED - set(WORDS)) == []


def test_an_act_without_words_is_told_by_its_codes() -> None:
    assert in_words("gardens:rose_bush:water_well") == "did “rose bush water well” in gardens"


@pytest.mark.parametrize("action", sorted(WORDS))
def test_words_follow_a_name_and_end_without_a_stop(action: str) -> None:
    words = WORDS[action]

    assert words[0].islower()
    assert not words.endswith(".")
    assert len(words) < 90


def test_every_kind_finds_something() -> None:
    for _, codes in KINDS.values():
        known = {one for one in WORDS if one.startswith(codes)}
        assert known, codes


def test_every_kind_of_thing_that_a_path_names_has_words_for_a_look() -> None:
    assert {"chart:patient:read", "chart:plan:read", "consent:answers:read"} <= set(LOOKS)
    assert any("looks" in rule for _, rule in cells_below_a_clinic())
