"""The patient's way from the first page to the receipt, on any screen."""
