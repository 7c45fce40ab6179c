"""What people do: one function, one use, one transaction. No request, no response."""
