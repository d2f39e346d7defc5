"""Access to the database over an API: names that code of providers imports."""
