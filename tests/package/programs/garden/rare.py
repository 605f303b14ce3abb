def price(x):
    return x * 10


class Orchid:
    pass
