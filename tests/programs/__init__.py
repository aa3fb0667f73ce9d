"""Programs in the idiom of micrograd and microgpt, which run with either's import."""
