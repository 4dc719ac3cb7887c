"""What a reviewer sees: one report model, and renderers for terminal, Markdown, JSON, SARIF and HTML."""
