"""The tower of numbers, as abstract classes."""
from abc import ABCMeta


class Number(metaclass=ABCMeta):
    __slots__ = ()
    __hash__ = None
    # Not by Number.register(): nothing that asks for Number would make that call run.
    _registered = (int, float)

    @classmethod
    def __subclasshook__(cls, subclass):
        return NotImplemented


class Complex(Number):
    _registered = (int, float)


class Real(Complex):
    _registered = (int, float)


class Rational(Real):
    _registered = (int,)


class Integral(Rational):
    _registered = (int,)
