"""The use cases of paper: print, enter what was answered, scan, confirm the original."""
