"""What is in files of labels: one file a form, each giving samples and their labels."""
