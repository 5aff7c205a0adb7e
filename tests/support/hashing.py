"""Hashing as cheap as the tests' own, with every run counted."""

from typing import Literal

from argon2 import PasswordHasher

from app.auth import passwords


class CountedHasher(PasswordHasher):
    """Notes what each run cost."""

    def __init__(self) -> None:
        super().__init__(1, 8, 1)
        self.costs: list[str] = []

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:
        self.costs.append(str(hash).split("$")[3])
        return super().verify(hash, password)


class Counted(passwords.Hashing):
    """The tests' own hashing, counted."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_kib=8)
        self.hasher: CountedHasher = CountedHasher()
