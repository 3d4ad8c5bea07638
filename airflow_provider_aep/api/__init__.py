"""Endpoints: pure functions from arguments to a Call, one module per service of the platform."""
