"""One module or folder for each AEP service."""
