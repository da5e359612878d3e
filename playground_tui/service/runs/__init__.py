"""Runs: from the request that makes one to its last stored event.

Pure: `states`, `frames`, `objects`, `changes`, `output`, `replay`, `tokens`, `conversation`, `truncation`, `budget`,
`tools`. With the database and the engines: `feed`, `listening`, `execution`, `ending`, `ownership`, `manager`.
"""
