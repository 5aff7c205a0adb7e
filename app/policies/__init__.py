"""What holds at a place on a day: policies of law, guidance and clinic, and who may do what there.

Every rule about age, waiting, explaining, premises and people asks here, and every refusal quotes
the basis that it rests on. The catalogue ships the facts; the clinic reviews, approves or replaces
each; unverified law counts as the clinic's own policy and is called so.
"""
