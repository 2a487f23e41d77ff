"""From a table of labels to a folder of one's own: a split, label graph and config, which ``kss-mm init`` makes."""
