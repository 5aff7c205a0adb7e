"""How a clinic follows a form that nobody has signed yet: reminders, and when it gives up."""

from app.policies.policy import Policy, Value


def _reminded(value: Value) -> str:
    if not value:
        return "nobody is reminded of a form"
    times = "once" if value == 1 else f"up to {value} times"
    return f"a patient who has not signed is reminded {times}"


REQUEST_POLICIES = (
    Policy(
        "reminders",
        "Reminders of a form that is not signed",
        "number",
        2,
        "None goes out once it is signed, declined or called back, or while we have to act.",
        _reminded,
        "lower",
        high=5,
    ),
    Policy(
        "reminder_gap_days",
        "Days between a form and its reminder",
        "number",
        2,
        "Counted from the last link, at the same time of day at the location, outside quiet hours.",
        lambda value: f"a reminder goes out {value} days after the last link",
        "higher",
        unit="days",
        low=1,
        high=30,
    ),
    Policy(
        "request_days",
        "Days until a form that is not signed runs out",
        "number",
        30,
        "Counted from the last link. What the patient had typed and drawn is deleted then.",
        lambda value: f"a form that is not signed runs out {value} days after the last link",
        "lower",
        unit="days",
        low=7,
        high=90,
    ),
)
