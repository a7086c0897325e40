"""Files that say the whole of what there is to be: written, compared and applied."""
