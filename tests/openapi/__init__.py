"""What Adobe's own API specifications say about the requests that this package makes."""
