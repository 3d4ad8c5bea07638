"""What waits for the platform."""
