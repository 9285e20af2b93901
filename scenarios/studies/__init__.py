"""Sample studies that can be run; their results stand in docs/studies."""
