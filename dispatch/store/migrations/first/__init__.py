"""The first shape of the database, written out. It stays as it is, whatever the rows become."""
