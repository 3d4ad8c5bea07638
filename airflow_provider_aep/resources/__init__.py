"""What the engine must know of each resource: one file a resource."""
