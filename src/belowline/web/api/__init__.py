"""The API for programs, ``/api/v1``: docs/api.md."""
