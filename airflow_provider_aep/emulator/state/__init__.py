"""What the emulated organisation holds, and its clock."""
