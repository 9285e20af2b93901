"""The business: work orders, technicians, service levels, parts, plans and planning."""
