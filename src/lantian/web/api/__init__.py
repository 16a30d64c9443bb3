"""The read interface for other programs: ``/api/v1/``, described by OpenAPI."""
