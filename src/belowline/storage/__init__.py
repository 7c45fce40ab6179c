"""The only place with SQL: schema, migrations, the engine, and a file a noun."""
