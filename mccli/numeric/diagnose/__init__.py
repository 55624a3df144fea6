"""Which mistake makes a gradient wrong: every cause is tested, at two points, before it is named."""

from mccli.numeric.diagnose.diagnosis import Diagnosis
from mccli.numeric.diagnose.run import diagnose

__all__ = ["Diagnosis", "diagnose"]
