"""What a verification says, in words for people without a manual."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """The three things that can be said of a claim; silence is not one of them."""

    HOLDS = "holds"
    FAILS = "does not hold"
    UNKNOWN = "cannot be known"


@dataclass(frozen=True, slots=True)
class Finding:
    """One checked claim. ``check`` is its stable name, ``text`` one plain sentence."""

    check: str
    verdict: Verdict
    text: str


@dataclass(frozen=True, slots=True)
class VerificationReport:
    """Every finding about one file, and a report for each file that it carries."""

    name: str
    sha256: str
    findings: tuple[Finding, ...]
    attached: tuple["VerificationReport", ...] = ()

    @property
    def holds(self) -> bool:
        """Whether nothing is wrong, here or in a file carried inside."""
        own = all(finding.verdict is not Verdict.FAILS for finding in self.findings)
        return own and all(inner.holds for inner in self.attached)

    def of(self, verdict: Verdict) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.verdict is verdict)

    def verdict_of(self, check: str) -> Verdict | None:
        """Return the verdict of a check, or None where it was not made."""
        return next((each.verdict for each in self.findings if each.check == check), None)


def report_as_text(report: VerificationReport, indent: str = "") -> str:
    """Return the report for a terminal or a print, grouped by verdict, inner files below."""
    lines = [f"{report.name}", f"SHA-256 {report.sha256}"]
    for verdict in Verdict:
        findings = report.of(verdict)
        if findings:
            lines += ["", f"{verdict.value.capitalize()}:"]
            lines += [f"  - {finding.text}" for finding in findings]
    if not indent:
        lines += ["", _bottom_line(report)]
    text = "\n".join(f"{indent}{line}".rstrip() for line in lines) + "\n"
    inner = indent + "    "
    return text + "".join(
        f"\n{inner}Carried inside:\n{report_as_text(each, inner)}" for each in report.attached
    )


def _bottom_line(report: VerificationReport) -> str:
    if report.holds:
        return "Nothing was found to be wrong."
    return "Something does not hold: do not rely on this file."
