"""Plans kept in the registry: their documents, made again, compared, laid out as tables."""
