"""What-if, sample organisations and generators."""
