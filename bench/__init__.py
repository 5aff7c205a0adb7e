"""Speed and memory, measured side by side in one run and stated as ratios.

Nothing here is a test: a busy machine makes numbers worse, never a build red. ``python -m bench``
runs everything; ``python -m bench patients`` one part.
"""
