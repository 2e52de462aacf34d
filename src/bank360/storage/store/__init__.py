"""The store: the system of record for decisions, users and what must not be lost. SQLite by default, PostgreSQL by URL.

`engine` opens it, `schema` names its tables, `upgrade` brings an older one up, `backup` copies it. The warehouse is
derived and may be thrown away; the store may not.
"""
