"""A HEIC file made from nothing: one grey picture, raw samples in an HEVC intra frame.

No encoder for HEVC is free to carry, and none is needed: a block may hold its samples as they are
(PCM), so that only the framing has to be written. ITU-T H.265 sections 7.3 and 9.3, ISO 23008-12.
"""

import struct


class Bits:
    """Bits of one unit, written from the left."""

    def __init__(self) -> None:
        self.text = ""

    def u(self, value: int, width: int) -> None:
        """Write a number in so many bits."""
        self.text += format(value, f"0{width}b") if width else ""

    def ue(self, value: int) -> None:
        """Write a number as an Exp-Golomb code."""
        code = format(value + 1, "b")
        self.text += "0" * (len(code) - 1) + code

    def se(self, value: int) -> None:
        """Write a signed number as an Exp-Golomb code."""
        self.ue(2 * value - 1 if value > 0 else -2 * value)

    def end(self) -> bytes:
        """Close with a stop bit and return whole bytes."""
        self.text += "1"
        return self.whole()

    def whole(self) -> bytes:
        """Return whole bytes, filled with zeros."""
        self.text += "0" * (-len(self.text) % 8)
        return int(self.text, 2).to_bytes(len(self.text) // 8, "big")


def _tier(bits: Bits) -> None:
    bits.u(0, 2), bits.u(0, 1), bits.u(3, 5)  # Main Still Picture
    bits.u(0x70000000, 32)
    bits.u(0b1001, 4), bits.u(0, 43), bits.u(0, 1)
    bits.u(30, 8)


def _vps() -> bytes:
    bits = Bits()
    bits.u(0, 4), bits.u(3, 2), bits.u(0, 6), bits.u(0, 3), bits.u(1, 1), bits.u(0xFFFF, 16)
    _tier(bits)
    bits.u(1, 1), bits.ue(0), bits.ue(0), bits.ue(0)
    bits.u(0, 6), bits.ue(0), bits.u(0, 1), bits.u(0, 1)
    return bits.end()


def _sps(width: int, height: int) -> bytes:
    bits = Bits()
    bits.u(0, 4), bits.u(0, 3), bits.u(1, 1)
    _tier(bits)
    bits.ue(0), bits.ue(1), bits.ue(width), bits.ue(height), bits.u(0, 1)
    bits.ue(0), bits.ue(0), bits.ue(4)
    bits.u(1, 1), bits.ue(0), bits.ue(0), bits.ue(0)
    bits.ue(1), bits.ue(0)  # coding blocks of 16, also the smallest: 3 + 1, difference 0
    bits.ue(0), bits.ue(2), bits.ue(0), bits.ue(0)
    bits.u(0, 1), bits.u(0, 1), bits.u(0, 1)
    bits.u(1, 1), bits.u(7, 4), bits.u(7, 4), bits.ue(1), bits.ue(0), bits.u(1, 1)
    bits.ue(0), bits.u(0, 1), bits.u(0, 1), bits.u(0, 1), bits.u(0, 1), bits.u(0, 1)
    return bits.end()


def _pps() -> bytes:
    bits = Bits()
    bits.ue(0), bits.ue(0), bits.u(0, 1), bits.u(0, 1), bits.u(0, 3), bits.u(0, 1), bits.u(0, 1)
    bits.ue(0), bits.ue(0), bits.se(0), bits.u(0, 1), bits.u(0, 1), bits.u(0, 1)
    bits.se(0), bits.se(0), bits.u(0, 1), bits.u(0, 1), bits.u(0, 1), bits.u(0, 1), bits.u(0, 1)
    bits.u(0, 1), bits.u(0, 1)
    bits.u(1, 1), bits.u(0, 1), bits.u(1, 1)  # deblocking control: disabled
    bits.u(0, 1), bits.u(0, 1), bits.ue(0), bits.u(0, 1), bits.u(0, 1)
    return bits.end()


# The range of the rarer value for the first states of a context, where the whole range is 508.
_RARER = (240, 227, 216, 205, 195, 185, 175, 166, 158, 150, 142, 135, 128, 122, 116, 110)


class Cabac:
    """The arithmetic coder, as far as PCM blocks need it: one context and the ending bit."""

    def __init__(self, bits: Bits) -> None:
        self.bits = bits
        self.begin()

    def begin(self) -> None:
        """Start anew, as after raw samples."""
        self.low, self.range, self.first, self.open = 0, 510, True, 0

    def _put(self, bit: int) -> None:
        if self.first:
            self.first = False
        else:
            self.bits.u(bit, 1)
        while self.open:
            self.bits.u(1 - bit, 1)
            self.open -= 1

    def _renorm(self) -> None:
        while self.range < 256:
            if self.low < 256:
                self._put(0)
            elif self.low >= 512:
                self.low -= 512
                self._put(1)
            else:
                self.low -= 256
                self.open += 1
            self.range <<= 1
            self.low <<= 1

    def likely(self, rarer: int) -> None:
        """Code the likelier value, whose rival has this range."""
        self.range -= rarer
        self._renorm()

    def terminate(self, bit: int) -> None:
        """Code whether the arithmetic ends here; it does before raw samples and at the end."""
        self.range -= 2
        if bit:
            self.low += self.range
            self.range = 2
            self._renorm()
            self._put((self.low >> 9) & 1)
            self.bits.u(((self.low >> 7) & 3) | 1, 2)
        else:
            self._renorm()


def _slice(shades: list[int]) -> bytes:
    """Return sixteen blocks of one shade each, with their samples as they are."""
    bits = Bits()
    bits.u(1, 1), bits.u(0, 1), bits.ue(0), bits.ue(2), bits.se(0)
    bits.u(1, 1)
    bits.u(0, -len(bits.text) % 8)
    coder = Cabac(bits)
    for number, shade in enumerate(shades):
        coder.likely(_RARER[number])  # one part
        coder.terminate(1)  # raw samples follow
        bits.u(0, -len(bits.text) % 8)
        for _ in range(256):
            bits.u(shade, 8)
        for _ in range(128):
            bits.u(128, 8)
        coder.begin()
        coder.terminate(int(number == len(shades) - 1))
    return bits.whole()


def _unit(kind: int, body: bytes) -> bytes:
    """Return a unit with what would look like the start of another one escaped."""
    found, zeros = bytearray(), 0
    for byte in body:
        if zeros >= 2 and byte <= 3:
            found.append(3)
            zeros = 0
        found.append(byte)
        zeros = zeros + 1 if byte == 0 else 0
    return bytes((kind << 1, 1)) + bytes(found)


def _box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I", len(body) + 8) + kind + body


def _full(kind: bytes, *parts: bytes, version: int = 0, flags: int = 0) -> bytes:
    return _box(kind, struct.pack(">I", version << 24 | flags), *parts)


def make_heic(exif: bytes, *, side: int = 64) -> bytes:
    """Return a grey HEIC of 64 by 64 pixels whose metadata is ``exif`` (a TIFF).

    ``side`` is what the head says; another one than 64 is a lie.
    """
    sets = [_unit(32, _vps()), _unit(33, _sps(64, 64)), _unit(34, _pps())]
    picture = _unit(19, _slice([40 + 10 * one for one in range(16)]))
    coded = struct.pack(">I", len(picture)) + picture
    told = struct.pack(">I", 0) + exif
    arrays = b"".join(
        bytes((0x80 | 32 + number,)) + struct.pack(">HH", 1, len(one)) + one
        for number, one in enumerate(sets)
    )
    config = bytes((1, 3)) + struct.pack(">I", 0x70000000) + bytes((0x90, 0, 0, 0, 0, 0, 30))
    config += bytes((0xF0, 0, 0xFC, 0xFD, 0xF8, 0xF8, 0, 0, 0x0F, 3)) + arrays
    items = _full(
        b"iinf",
        struct.pack(">H", 2),
        _full(b"infe", struct.pack(">HH", 1, 0), b"hvc1\0", version=2),
        _full(b"infe", struct.pack(">HH", 2, 0), b"Exif\0", version=2, flags=1),
    )
    shape = _full(b"ispe", struct.pack(">II", side, side))
    properties = _box(
        b"iprp",
        _box(b"ipco", _box(b"hvcC", config), shape),
        _full(b"ipma", struct.pack(">IHB", 1, 1, 2), bytes((0x81, 2))),
    )
    refers = _full(b"iref", _box(b"cdsc", struct.pack(">HHH", 2, 1, 1)))
    handler = _full(b"hdlr", bytes(4), b"pict", bytes(13))
    head = _box(b"ftyp", b"heic", bytes(4), b"mif1heic")

    def meta(first: int) -> bytes:
        places = b"".join(
            struct.pack(">HHHII", item, 0, 1, at, length)
            for item, at, length in (
                (1, first, len(coded)),
                (2, first + len(coded), len(told)),
            )
        )
        where = _full(b"iloc", bytes((0x44, 0)), struct.pack(">H", 2), places)
        primary = _full(b"pitm", struct.pack(">H", 1))
        return _full(b"meta", handler, primary, where, items, refers, properties)

    begins = len(head) + len(meta(0)) + 8
    return head + meta(begins) + _box(b"mdat", coded, told)
