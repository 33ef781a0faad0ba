"""The only code that imports onnxruntime.

Its wheels upload telemetry unless this variable is set before the import (ORT pull request 27379).
"""

import os

os.environ["ORT_DISABLE_TELEMETRY"] = "1"
