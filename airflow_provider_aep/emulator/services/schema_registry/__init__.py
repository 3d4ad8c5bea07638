"""Schema Registry: what the tenant defines (schemas, classes, field groups, ...), and some of what Adobe does."""
