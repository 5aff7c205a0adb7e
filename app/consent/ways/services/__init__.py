"""Before the form: open a link, show a code, hand over the tablet, prove an identity."""
