"""Books full of patients, written by the database itself: a row each and eleven tokens.

What a keyed digest would be is a made-up one here; its length and its spread are the same.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from bench.late_indexes import late_indexes

GIVEN = [
    *("aoife", "anna", "annika", "bernadette", "callum", "dariusz", "eilidh", "fatima"),
    *("giulia", "hamish", "ines", "jakub", "katarzyna", "liam", "mairi", "nadia", "orla"),
    *("pawel", "rania", "siobhan", "tadhg", "ursula", "vera", "wiktor", "xanthe", "yusuf"),
    *("zofia"),
]
BEGINS = [
    *("mac", "ber", "carl", "dun", "eng", "ferg", "grun", "hart", "ivan", "jan", "kowal"),
    *("lind", "mor", "nguy", "oconn", "pet", "quin", "rob"),
]
ENDS = [
    *("son", "sen", "wald", "ski", "berg", "man", "stein", "ova", "ley", "ton", "well"),
    *("ford"),
]

PATIENTS = """
INSERT INTO patient (tenant_id, id, location_id, name, sort_name, language, interpreter,
                     date_of_birth_cipher, created_at, version)
SELECT %(t)s, md5(%(s)s || n)::uuid, %(l)s, initcap(said), said, 'en', 'none', '\\x00', now(), 1
FROM generate_series(1, %(n)s) n,
     LATERAL (SELECT (%(given)s::text[])[1 + n %% %(givens)s] || ' '
              || (%(begins)s::text[])[1 + n / 7 %% %(beginnings)s]
              || (%(ends)s::text[])[1 + n / 131 %% %(endings)s] AS said) made
"""
TOKENS = """
INSERT INTO patient_token (tenant_id, token, patient_id)
SELECT p.tenant_id, token, p.id
FROM patient p, LATERAL (
    SELECT 'n:' || word FROM unnest(string_to_array(p.sort_name, ' ')) word
    UNION SELECT '@' || replace(p.location_id::text, '-', '') || ':n:' || word
          FROM unnest(string_to_array(p.sort_name, ' ')) word
    UNION SELECT '@' || replace(p.location_id::text, '-', '') || ':s:' || p.sort_name
    UNION SELECT 'b:' || md5('b' || abs(hashtext(p.id::text)) %% 25000)
    UNION SELECT 'e:' || md5('e' || p.id) UNION SELECT 'p:' || md5('p' || p.id)
    UNION SELECT '4:' || md5('4' || abs(hashtext('4' || p.id)) %% 10000)
    UNION SELECT '5:' || md5('5' || abs(hashtext('5' || p.id)) %% 100000)
    UNION SELECT '6:' || md5('6' || abs(hashtext('6' || p.id)) %% 1000000)) made (token)
WHERE p.tenant_id = %(t)s AND p.location_id = %(l)s AND p.date_of_birth_cipher = '\\x00'
"""


@dataclass(frozen=True)
class Shelf:
    """So many patients of a clinic at one of its locations; ``seed`` and a number make an id."""

    tenant_id: uuid.UUID
    location_id: uuid.UUID
    many: int

    @property
    def seed(self) -> str:
        """Return what tells this shelf's ids from those of every other."""
        return f"{self.tenant_id}{self.location_id}"


def fill_books(superuser_url: str, shelves: Sequence[Shelf]) -> None:
    """Fill each shelf with patients; then count them for the planner."""
    with late_indexes(superuser_url, ("patient", "patient_token")) as connection:
        for shelf in shelves:
            _fill(connection, shelf)


def _fill(connection: Connection, shelf: Shelf) -> None:
    values = {
        "t": shelf.tenant_id,
        "s": shelf.seed,
        "l": shelf.location_id,
        "n": shelf.many,
        "given": GIVEN,
        "givens": len(GIVEN),
        "begins": BEGINS,
        "beginnings": len(BEGINS),
        "ends": ENDS,
        "endings": len(ENDS),
    }
    connection.exec_driver_sql(PATIENTS, values)
    connection.exec_driver_sql(TOKENS, {"t": shelf.tenant_id, "l": shelf.location_id})
