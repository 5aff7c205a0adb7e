"""What the evidence says of a plan for computers: what is to be done, and the days before it."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

from app.catalogue.off_label import off_label_reasons
from app.consent.consent_facts import Ground
from app.consent.documents.frozen import ProcedureFacts, Reflection, iso
from app.database import TenantScope
from app.kit.clock import day_in
from app.policies.patient_rules import opens_on
from app.policies.queries import get_policies


def procedure_of(ground: Ground) -> ProcedureFacts:
    """Return what the plan says is to be done; sentences are in the language spoken."""
    facts, version = ground.facts, ground.version
    outside = off_label_reasons(ground.told, facts, facts.market, visit_date=ground.visit_date)
    return ProcedureFacts(
        procedure=facts.procedure,
        indication=facts.indication,
        areas=tuple(sorted(facts.areas.items())),
        device=facts.device.name,
        device_class=facts.device.kind,
        energy=facts.energy,
        sessions=version.sessions,
        interval_days=version.interval_days,
        add_ons=tuple(sorted(facts.add_ons)),
        anaesthetic=facts.anaesthetic,
        off_label=outside,
    )


def reflection_of(scope: TenantScope, ground: Ground) -> Reflection | None:
    """Return the days that the place asks for after the talk; None where nobody has talked yet."""
    talk, zone = ground.discussion, ground.location.zone
    if talk is None:
        return None
    policies = get_policies(scope, ground.location, on=ground.today)
    first = opens_on(policies, day_in(talk.held_at, zone))
    begins = datetime.combine(first, time(), ZoneInfo(zone))
    return Reflection(
        info_given_at=iso(talk.held_at),
        required_days=policies.number("wait_days"),
        satisfied_at=iso(max(begins, talk.held_at)),
    )
