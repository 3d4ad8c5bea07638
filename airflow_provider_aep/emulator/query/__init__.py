"""How listings and changes are asked for: filters, pages and JSON Patch."""
