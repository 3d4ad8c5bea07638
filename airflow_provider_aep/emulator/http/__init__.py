"""The HTTP side: reading requests, routing, the gateway, faults, error bodies and the request log."""
