"""What the pages of the air show, read and judged once, in frozen dataclasses."""
