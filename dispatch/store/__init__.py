"""The record: everything the engine knows, in SQLite or PostgreSQL.

``Database`` is the only way in: every command is one transaction of ``reading()`` or ``writing()``.
Rows (``rows_*``) become domain objects and back in ``mapping`` and nowhere else.
"""
