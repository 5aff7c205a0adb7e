"""Write parents before children, by foreign key.

The unit of work orders tables by relationships, and our models have none: a row is reached by a
query that names its clinic. So each flush is told which of its tables refer to which.
"""

from collections.abc import Iterable
from functools import cache
from typing import cast

from sqlalchemy import Table
from sqlalchemy.orm import Mapper, UOWTransaction, unitofwork

# The step "save all rows of this mapper" got an underscore in SQLAlchemy 2.1; it is the same step.
_save_all = getattr(unitofwork, "_SaveUpdateAll", None) or unitofwork.SaveUpdateAll  # type: ignore[attr-defined]  # by version


def order_by_foreign_keys(flush: UOWTransaction, mappers: Iterable[Mapper[object]]) -> None:
    """Make the flush write every referred table before the table that refers to it."""
    present = {_table(mapper).name: mapper for mapper in mappers}
    for name, mapper in present.items():
        for parent in _parents(mapper):
            if parent in present and parent != name:
                flush.dependencies.add(
                    (_save_all(flush, present[parent]), _save_all(flush, mapper))
                )


@cache
def _parents(mapper: Mapper[object]) -> frozenset[str]:
    return frozenset(key.column.table.name for key in _table(mapper).foreign_keys)


def _table(mapper: Mapper[object]) -> Table:
    return cast(Table, mapper.local_table)
