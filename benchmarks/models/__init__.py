"""From an instance of a public set to the solver's arrays, and back to a plan in its own ids."""
