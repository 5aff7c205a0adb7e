"""placeholder"""


def measure(app, settings):
    return []
