"""A recorded graph, flattened and replayed over batches at compiled speed."""
