"""Files that hold an explanation: tables, JSON, an HTML report, a ZIP."""
