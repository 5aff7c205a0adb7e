"""Who is there and what they may do: accounts, sign-ins, second factors, permissions and guards.

Every route has a guard or says ``public``; a contract test compares the two lists.
"""
