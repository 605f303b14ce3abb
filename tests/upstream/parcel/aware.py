"""Asks whether it was packaged."""



def is_from_package():
    return "__torch_package__" in globals()
