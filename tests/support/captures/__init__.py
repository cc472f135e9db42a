# SPDX-License-Identifier: Apache-2.0
"""What the scripts and tests written in Python share: frames, endpoints,
certificates, running certtap."""
