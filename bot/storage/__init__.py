"""Tables, repositories by topic, the unit of work, the spool and the migrations."""
