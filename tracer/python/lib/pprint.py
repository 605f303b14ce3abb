"""pformat on one line."""


def pformat(object, indent=1, width=80, depth=None, *, compact=False, sort_dicts=True, underscore_numbers=False):
    if sort_dicts and type(object) is dict:
        try:
            object = dict(sorted(object.items()))
        except TypeError:
            pass
    return repr(object)


def pprint(object, stream=None, indent=1, width=80, depth=None, *, compact=False, sort_dicts=True,
           underscore_numbers=False):
    print(pformat(object, sort_dicts=sort_dicts))


pp = pprint
