"""Plain recomputation of plans: feasibility and objective from instance and routes alone.

Nothing here imports the solver or the models, so that a mistake there cannot hide here.
"""
