"""Weeks of operation, event by event: tickets, technicians, and a dispatcher who plans with the
real planner (docs/simulation.md)."""
