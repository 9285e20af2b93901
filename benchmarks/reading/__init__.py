"""Readers of the public sets: files in, plain data out. They know nothing of the solver."""
