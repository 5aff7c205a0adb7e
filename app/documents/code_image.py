"""QR codes as one vector path, so that no raster image enters a PDF/A file."""

from dataclasses import dataclass

import segno

from app.documents.errors import BadBlock

_QUIET_ZONE = 2
LONGEST_DATA = 500


@dataclass(frozen=True, slots=True)
class CodePath:
    """The side of the square in modules, and its dark modules as the data of one SVG path."""

    side: int
    path: str


def code_path(data: str) -> CodePath:
    """Draw a QR code with the error correction that survives a creased print (level M)."""
    if not data or len(data) > LONGEST_DATA:
        raise BadBlock(f"A code image holds 1 to {LONGEST_DATA} characters.")
    rows = [list(row) for row in segno.make_qr(data, error="m").matrix]
    runs = [
        f"M{start + _QUIET_ZONE} {y + _QUIET_ZONE}h{length}v1h-{length}z"
        for y, row in enumerate(rows)
        for start, length in _dark_runs(row)
    ]
    return CodePath(side=len(rows) + 2 * _QUIET_ZONE, path="".join(runs))


def _dark_runs(row: list[int]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for x, module in enumerate(row):
        if not module:
            continue
        if runs and sum(runs[-1]) == x:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1)
        else:
            runs.append((x, 1))
    return runs
