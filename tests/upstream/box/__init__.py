"""A folder to save as sources."""
label = "box"
