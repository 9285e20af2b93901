"""The words of the business as frozen dataclasses, and the referee. Standard library only.

Times are aware datetimes in UTC, durations ``_s`` in seconds, distances ``_m`` in metres and
money ``_fen`` in fen (0.01 yuan), all integers.
"""
