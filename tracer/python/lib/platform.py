"""One platform for every run."""


def system():
    return "Linux"


def machine():
    return "x86_64"


processor = machine


def release():
    return ""


def version():
    return ""


def node():
    return ""


def platform(aliased=False, terse=False):
    return "Linux-x86_64"


def python_version():
    return "3.11.0"


def python_version_tuple():
    return ("3", "11", "0")


def python_implementation():
    return "CPython"
