"""The use cases of a treatment: ask again, start, complete, report, and tell what comes after."""
