"""Signing with a pen: prints, scans, and the original that a named person has seen."""
