"""The use cases of forms: write, review, publish, retire."""
