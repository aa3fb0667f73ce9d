"""The interactive page: a backward pass in one piece of HTML that fetches nothing."""
