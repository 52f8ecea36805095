"""The database: engine, unit of work, tables' common base, migrations."""
