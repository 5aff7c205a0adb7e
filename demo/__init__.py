"""The demo: brings everything up on 127.0.0.1, plays one clinic's story over HTTP, keeps serving.

It is a visitor like any other: it talks to the product through its front doors only. Time stamps
come from a test authority and payments from a simulated Stripe; both say so wherever they show.
"""
