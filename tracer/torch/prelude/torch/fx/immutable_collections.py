"""What a node's args and kwargs hold: lists and dicts that nobody can change. Both are C++."""
__all__ = ["immutable_list", "immutable_dict"]
