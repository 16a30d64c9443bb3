"""The pictures of the pages of the air, as SVG."""
