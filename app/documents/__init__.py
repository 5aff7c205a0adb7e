"""Documents: structured blocks become a sealed PDF that strangers can check.

The order is fixed: draft → ``compose.render`` (HTML, PDF/A-3A and PDF/UA-1, text read back) →
``seal.seal_pdf`` (one revision, certified, time-stamped) → the object store →
``verify.verify_file``. Everything here is a pure function of what it is given; the tables and the
use cases around it live in ``models``, ``queries`` and ``services``. The room knows nothing of
consent or money.
"""
