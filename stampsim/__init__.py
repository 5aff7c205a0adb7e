"""A local time-stamp authority (RFC 3161) for demos and tests; a program of its own over HTTP.

Its certificates say TEST and so does its policy. It proves nothing to a stranger: production names
a qualified authority by URL instead.
"""
