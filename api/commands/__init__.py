"""What the commands do. Imported when a command runs, for the heavy libraries behind them."""
