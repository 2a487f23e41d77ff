"""A page to try a trained model in a browser. Only ``page.py`` needs Gradio."""
