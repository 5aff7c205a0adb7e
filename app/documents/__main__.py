"""``python -m app.documents FILE``: verify a sealed PDF without any installation or database."""

from app.documents.cli import verify

if __name__ == "__main__":
    verify()
