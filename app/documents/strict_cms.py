"""Whether a signature's container (CMS, RFC 5652) holds what belongs there and nothing else.

Parsers forgive; a seal must not. Some bytes of the container are covered by no signature, so each
of them has to have the one value that it can have.
"""

from asn1crypto import algos, cms, core

_INTEGER, _BITS, _OCTETS, _OID, _SEQUENCE, _SET, _FIRST, _SECOND = (
    0x02, 0x03, 0x04, 0x06, 0x30, 0x31, 0xA0, 0xA1,
)  # fmt: skip
_END_OF_CONTENTS = 0x00
_CONSTRUCTED = 0x20
_INDEFINITE = 0x80
_SIGNED_DATA = (_INTEGER, _SET, _SEQUENCE, _FIRST, _SET)
_SIGNER = (_INTEGER, _SEQUENCE, _SEQUENCE, _FIRST, _SEQUENCE, _OCTETS)


def value_length(der: bytes) -> int:
    """Return the length of the first value, header and all; raises IndexError if cut."""
    return _header(der, 0)[1]


def is_tidy(der: bytes) -> bool:
    """Whether every value is filled by its parts to the last byte; no length may hide anything."""
    open_ranges = [(0, len(der))]
    try:
        while open_ranges:
            at, end = open_ranges.pop()
            while at < end:
                start, stop = _header(der, at)
                if stop > end or not _is_plain_value(der, at, start):
                    return False
                if der[at] & _CONSTRUCTED:
                    open_ranges.append((start, stop))
                at = stop
    except IndexError:
        return False
    return True


def is_plain_seal(signed: cms.SignedData) -> bool:
    """Whether a seal is one signature with one time stamp or none, and nothing beside them."""
    if not _is_plain(signed):
        return False
    signer = signed["signer_infos"][0]
    if len(_tags(signer.dump())) == len(_SIGNER):
        return True
    attributes = signer["unsigned_attrs"]
    if [each["type"].native for each in attributes] != ["signature_time_stamp_token"]:
        return False
    tokens = attributes[0]["values"]
    return len(tokens) == 1 and _is_plain(tokens[0]["content"])


def is_plain_stamp(signed: cms.SignedData) -> bool:
    """Whether a document time stamp is one signature and nothing beside it."""
    return _is_plain(signed)


def _is_plain(signed: cms.SignedData) -> bool:
    if _tags(signed.dump()) != _SIGNED_DATA or len(signed["signer_infos"]) != 1:
        return False
    signer = signed["signer_infos"][0]
    digest = signer["digest_algorithm"]
    versions = (signed["version"].native, signer["version"].native)
    return (
        versions in {("v1", "v1"), ("v3", "v1")}
        and _tags(signer.dump()) in {_SIGNER, (*_SIGNER, _SECOND)}
        and _is_plain_digest(digest)
        and [each.dump() for each in signed["digest_algorithms"]] == [digest.dump()]
    )


def _is_plain_digest(digest: algos.DigestAlgorithm) -> bool:
    """Whether an algorithm is written with no parameters or with a null, the two ways in use."""
    name = digest["algorithm"].native
    bare = core.ObjectIdentifier(algos.DigestAlgorithmId(name).dotted).dump()
    return digest.dump() in {
        bytes([_SEQUENCE, len(bare) + len(extra)]) + bare + extra for extra in (b"", b"\x05\x00")
    }


def _is_plain_value(der: bytes, at: int, start: int) -> bool:
    """Whether a value has a real tag, a definite length and, if made of bits, whole bytes."""
    if der[at] == _END_OF_CONTENTS or der[at + 1] == _INDEFINITE:
        return False
    return der[at] != _BITS or der[start] == 0


def _tags(der: bytes) -> tuple[int, ...]:
    """Return the tags of the parts of one constructed value, inside its explicit tag if any."""
    at, end = _header(der, 0)
    if der[0] == _FIRST:
        at, end = _header(der, at)
    found = []
    while at < end:
        found.append(der[at])
        at = _header(der, at)[1]
    return tuple(found)


def _header(der: bytes, at: int) -> tuple[int, int]:
    """Return where a value's contents begin and end; raises IndexError beyond the bytes."""
    first = der[at + 1]
    if first < _INDEFINITE:
        return at + 2, at + 2 + first
    start = at + 2 + (first & 0x7F)
    return start, start + int.from_bytes(der[at + 2 : start], "big")
