"""Forms of the pages where rooms meet: thin, since the services say what is wrong."""
