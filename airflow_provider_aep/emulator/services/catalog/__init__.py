"""Catalog: datasets and batches. Responses are objects keyed by id, also for one object."""
