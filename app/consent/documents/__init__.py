"""The two documents of a consent: their values, their parts, their certificate and evidence."""
