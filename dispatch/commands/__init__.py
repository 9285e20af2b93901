"""What changes the record: one function for each command, called within one transaction.

A command is ``name(session, ..., by, at, reason="", key=None)`` inside ``in_writing``. It never
commits. It notes who did what, when and why; tried again with the same ``key`` it changes nothing
and gives the outcome of the first try.
"""
