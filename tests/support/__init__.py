"""Real parts for tests: a PostgreSQL server, a browser, a running Belowline."""
