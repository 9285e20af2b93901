"""The mathematics: integer arrays in, routes out. Knows no calendar, database or HTTP."""
