"""What happens by itself as time passes: scheduled runs, their reports, batches."""
