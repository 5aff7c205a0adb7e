"""Starting a treatment: yes with everything in place, and exactly once."""

from flask import Flask

from tests.factories.care import make_ready_visit


def test_a_treatment_starts_where_nothing_stands_in_the_way(context: Flask) -> None:
    ready = make_ready_visit()

    answer = ready.may()

    assert answer.reasons == ()
    assert answer.allowed
    assert answer.areas == {"face_cheeks": 1000}
    started = ready.start()
    assert [one.granted_um for one in started.areas] == [1000]
