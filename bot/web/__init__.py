"""The web: pages, the widget's interface, the console, health."""
