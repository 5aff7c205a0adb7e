"""A local Stripe: a small stand-in for api.stripe.com over real HTTP on 127.0.0.1.

It knows one path well: connected account, customer, Checkout Session, hosted page, PaymentIntent,
charge, balance transaction, events and signed webhooks. No money moves and nothing leaves the
machine. Needlepoint's own code never imports this package; it speaks to it as it would to Stripe.
"""
