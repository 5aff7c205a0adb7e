"""``verify FILE`` ends with 0 where nothing is wrong and with 1 where something is."""

import pytest
from click.testing import CliRunner

from app.documents.cli import verify


@pytest.fixture
def options(authority, stamps, tmp_path) -> list[str]:
    stamp_root = tmp_path / "stamp-root.pem"
    stamp_root.write_bytes(stamps.root_pem)
    return [
        "--root", str(authority.folder / "root.pem"),
        "--stamp-root", str(stamp_root),
        "--list", str(authority.folder / "issuing.crl"),
    ]  # fmt: skip


def test_a_good_file_ends_with_0(sealed_file, options):
    done = CliRunner().invoke(verify, [str(sealed_file), *options])

    assert done.exit_code == 0
    assert "A trusted root vouches for the sealer" in done.output
    assert "The certificate was not withdrawn" in done.output


def test_one_changed_byte_ends_with_1(sealed_file, options):
    changed = bytearray(sealed_file.read_bytes())
    changed[3_000] ^= 1
    sealed_file.write_bytes(changed)

    done = CliRunner().invoke(verify, [str(sealed_file), *options])

    assert done.exit_code == 1
    assert "Does not hold:" in done.output


def test_the_programs_own_trust_is_used_where_none_is_given(sealed_file, trust):
    done = CliRunner().invoke(verify, [str(sealed_file)], obj=trust)

    assert done.exit_code == 0
    assert "A trusted root vouches" in done.output


def test_a_root_that_is_no_certificate_is_a_usage_mistake(sealed_file):
    done = CliRunner().invoke(verify, [str(sealed_file), "--root", str(sealed_file)])

    assert done.exit_code == 2
    assert "holds no certificate" in done.output
