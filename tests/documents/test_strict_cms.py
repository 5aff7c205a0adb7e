"""The container of a signature has one spelling; every forgiving reading of a parser is closed."""

import pytest

from app.documents.strict_cms import is_tidy, value_length
from app.documents.verify import verify_file

NULL_OF_SHA256 = "608648016503040201" + "0500"


@pytest.mark.parametrize("der", ["3003020101", "30060201010201ff", "0500", "30023000"])
def test_tidy_values_pass(der):
    assert is_tidy(bytes.fromhex(der))


@pytest.mark.parametrize(
    "der",
    [
        "3004020101",  # longer than what is there
        "300402010100",  # a value that is cut
        "30050201010000",  # an end-of-contents where none belongs
        "30800201010000",  # an indefinite length
        "30040302017f",  # bits that are not whole bytes
        "3005020101",  # a part missing
        "30",
    ],
)
def test_untidy_values_do_not(der):
    assert not is_tidy(bytes.fromhex(der))


def test_the_length_of_a_value_counts_its_header():
    assert value_length(bytes.fromhex("3003020101") + b"\0" * 9) == 5


class TestOneChangedDigitOfTheSeal:
    """The signature's own digits lie outside of the bytes that it covers."""

    @pytest.fixture
    def digits(self, sealed) -> range:
        start = sealed.data.index(b"/Contents <3082") + len(b"/Contents <")
        end = sealed.data.index(b"00000000000000>", start)
        return range(start, start + len(sealed.data[start:end].rstrip(b"0")))

    def change(self, data: bytes, place: int) -> bytes:
        digit = int(data[place : place + 1], 16) ^ 1
        return data[:place] + f"{digit:X}".encode() + data[place + 1 :]

    def test_no_digit_can_be_changed(self, sealed, trust, digits):
        for place in [*digits[:10], *digits[10::97]]:
            assert not verify_file(self.change(sealed.data, place), trust).holds, place

    def test_a_null_cannot_become_another_nothing(self, sealed, trust):
        place = sealed.data.index(NULL_OF_SHA256.upper().encode())
        while place > 0:
            changed = self.change(sealed.data, place + len(NULL_OF_SHA256) - 3)
            assert not verify_file(changed, trust).holds
            place = sealed.data.find(NULL_OF_SHA256.upper().encode(), place + 1)

    def test_a_digit_in_another_case_is_noticed(self, sealed, trust, digits):
        place = next(i for i in digits if sealed.data[i : i + 1] in b"ABCDEF")
        changed = sealed.data[:place] + sealed.data[place : place + 1].lower()
        changed += sealed.data[place + 1 :]

        assert not verify_file(changed, trust).holds
