"""Numbered papers that go out about cases: orders, replies, records; as PDF and as DOCX."""
