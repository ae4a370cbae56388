"""Comments: the talk under towns and stories."""
