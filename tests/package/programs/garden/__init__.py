"""A package with every way of importing that an archive must keep working."""
from . import tools
from .beds import Bed
from .tools import *

season = "spring"
