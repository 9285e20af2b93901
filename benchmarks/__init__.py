"""Measurements: speed and quality, apart from the tests."""
