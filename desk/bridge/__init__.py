"""The bridge (时长调节表): what the book holds against what each platform reports, item by item."""
