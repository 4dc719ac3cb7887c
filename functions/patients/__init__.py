"""The patient API: keeps and finds patient records in PostgreSQL, and tells its log nothing about any patient."""
