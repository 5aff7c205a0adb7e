"""How money comes in: the clinic's account, payment attempts, outgoing calls, the inbox.

Every outgoing call is a committed row first, and that row's id is Stripe's idempotency key. What
became of a payment is always read from Stripe, never from an event's payload or a browser.
"""
