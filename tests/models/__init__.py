"""Letters: what authors declare and the platform answers."""
