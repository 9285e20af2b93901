"""What the commands print: plans as rich tables and lines."""
