"""Tests of the window run in a process of their own: Kivy opens it when it is imported, with one size, for good."""

import os

collect_ignore = [] if "HANDHELD_WINDOW" in os.environ else ["window"]
