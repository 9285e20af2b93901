"""Does the record hold whatever breaks: processes, the database, the disk, or two at once.

Checks call commands of the product in processes of their own, break something, and look into the
tables afterwards.
"""

from benchmarks.reliability.command import main

__all__ = ["main"]
