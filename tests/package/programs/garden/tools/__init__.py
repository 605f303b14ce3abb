from .measure import *
from .measure import shifted
