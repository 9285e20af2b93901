"""The API over HTTP, on a real server with real databases."""
