"""Trains the project in the working folder with `rasa train`'s own function. Runs in Rasa's environment.

Writes timing.json: seconds and CPU seconds of everything and of the step that belongs to DIET alone.
"""

import functools
import json
import os
import resource
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["RASA_TELEMETRY_ENABLED"] = "false"


def clocks():
    """(seconds, CPU seconds) so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return time.perf_counter(), used.ru_utime + used.ru_stime


def main():
    from rasa.model_training import train
    from rasa.nlu.classifiers.diet_classifier import DIETClassifier

    timing = {}
    train_diet = DIETClassifier.train

    @functools.wraps(train_diet)  # Rasa reads its annotations
    def timed(self, training_data):
        began = clocks()
        try:
            return train_diet(self, training_data)
        finally:
            if type(self) is DIETClassifier:  # the response selector is one, too
                timing["diet"] = [after - before for after, before in zip(clocks(), began, strict=True)]

    DIETClassifier.train = timed
    began = clocks()
    result = train("domain.yml", "config.yml", ["data"], ".", fixed_model_name="model")
    timing["all"] = [after - before for after, before in zip(clocks(), began, strict=True)]
    with open("timing.json", "w") as file:
        json.dump(timing, file)
    sys.exit(result.code)


main()
