"""Rasa's whole NLU pipeline: one component that mounts our own understanding library.

The gateway has understood a message before it asks Rasa and sends the result along as metadata; then nothing is done
twice. Without metadata (`rasa shell`, `rasa test`) the same library runs here.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import yaml
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.constants import DEFAULT_NLU_FALLBACK_INTENT_NAME as FALLBACK
from rasa.shared.nlu.constants import ENTITIES, INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.domain.taxonomy import Taxonomy, parse_taxonomy
from bot.understanding.brain import Brain
from bot.understanding.examples import Example, fingerprint, load_examples
from bot.understanding.features import normalise

DATA = Path(__file__).resolve().parents[2] / "data"
BRAIN_FILE = "brain.npz"
# What the buttons of our own questions send. All other text that begins with a slash was typed by a citizen.
PAYLOADS = {"/yes": "affirm", "/no": "deny", "/stop_questions": "stop_questions"}
_TOPIC_IN_A_CASE = 0.5  # "he has a blue car" is more often about the open case than about customs
_SURE = 0.6  # of a label; below it, a message that is hardly more than a weekday or a place is taken as just that


@DefaultV1Recipe.register(
    [DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR],
    is_trainable=True,
)
class HemsehriUnderstanding(GraphComponent, IntentClassifier, EntityExtractorMixin):
    """Sets the intent and the entities `place` (value: its name), `weekday` (0 for Monday to 6) and `button`."""

    def __init__(
        self, config: dict[str, Any], storage: ModelStorage, resource: Resource, brain: Brain | None = None
    ) -> None:
        self._config = config
        self._storage = storage
        self._resource = resource
        self._brain = brain
        self._topics = load_taxonomy().topics
        self._understander: Any = None

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`fallback_below`: a label less probable than this is no label, and content search decides."""
        return {"fallback_below": 0.25}

    @staticmethod
    def required_packages() -> list[str]:
        """Only packages that are installed under the name they are imported by: Rasa uses one name for both."""
        return ["numpy", "py3langid"]

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:
        """Changes when the features do, so that Rasa trains again although no example has changed."""
        return fingerprint([])

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> HemsehriUnderstanding:
        """A component that has learnt nothing yet."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **_: Any,
    ) -> HemsehriUnderstanding:
        """The component with the brain that the model archive carries."""
        with model_storage.read_from(resource) as folder:
            return cls(config, model_storage, resource, Brain.load(folder / BRAIN_FILE))

    def train(self, training_data: TrainingData) -> Resource:
        """Train the brain, or take the one that the gateway or an earlier run has trained on the same examples."""
        self._brain = trained_brain(examples_of(training_data))
        with self._storage.write_to(self._resource) as folder:
            self._brain.save(folder / BRAIN_FILE)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Set intent, ranking and entities of each message."""
        for message in messages:
            self._mark(message)
        return messages

    def _mark(self, message: Message) -> None:
        metadata = message.get("metadata") or {}
        text = message.get(TEXT) or ""
        known = metadata.get("understanding")
        if not known and text.startswith("/"):
            message.set(INTENT, {"name": FALLBACK, "confidence": 0.0}, add_to_output=True)
            return  # `rasa shell` and probes name the intent themselves; Rasa reads it after us
        understood = known or self._understand(text, metadata.get("language"))
        below = self._config["fallback_below"]
        if metadata.get("case") is not None and understood["label"] in self._topics:
            below = max(below, _TOPIC_IN_A_CASE)
        intent, confidence = intent_of(text, understood, below)
        ranking = [{"name": intent, "confidence": confidence}]
        ranking += [
            {"name": other["label"], "confidence": other["confidence"]}
            for other in [understood, *understood.get("alternatives", [])]
            if other["label"] != intent
        ]
        message.set(INTENT, ranking[0], add_to_output=True)
        message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        entities = self.add_extractor_name(entities_of(text, understood))
        message.set(ENTITIES, message.get(ENTITIES, []) + entities, add_to_output=True)
        if known and text.startswith("/"):
            # A citizen must not reach Rasa's own commands ("/restart") or set intents by typing them.
            message.set(TEXT, text.lstrip("/"))

    def _understand(self, text: str, language: str | None) -> dict[str, Any]:
        if self._understander is None:
            # Here, because the gazetteer costs a second and 80 MB that a server behind the gateway never needs.
            from bot.understanding.understand import Understander

            self._understander = Understander.load(DATA)
            self._understander.brain = self._brain
        result: dict[str, Any] = self._understander.understand(text, language).to_dict()
        return result


def load_taxonomy() -> Taxonomy:
    """The labels that there are."""
    return parse_taxonomy(yaml.safe_load((DATA / "taxonomy.yml").read_text(encoding="utf-8")))


def intent_of(text: str, understood: dict[str, Any], fallback_below: float) -> tuple[str, float]:
    """The intent of a message and how sure it is."""
    label, confidence = understood["label"], float(understood["confidence"])
    if understood.get("crisis") == "certain":
        return label, confidence  # also when the message is "/yes" to "Is someone in danger?"
    if text in PAYLOADS:
        return PAYLOADS[text], 1.0
    if not text.strip():
        return "share_location", 1.0  # a shared position comes without words
    unsure = confidence < _SURE or label == "out_of_scope"
    words = len(normalise(text[:200]).split())
    if unsure and understood.get("weekday") is not None and words <= 4:
        return "consulate_contact", _SURE  # "und samstags?"
    place = understood.get("place")
    if unsure and place and words <= len(normalise(place["text"]).split()) + 2:
        return "share_location", _SURE  # "Essen", "and in Essen?"
    if confidence < fallback_below or understood.get("crisis") == "doubtful":
        return FALLBACK, fallback_below
    return label, confidence


def entities_of(text: str, understood: dict[str, Any]) -> list[dict[str, Any]]:
    """What the actions read: place (everything known about it as `additional_info`), weekday, pressed button."""
    entities: list[dict[str, Any]] = []
    if text in PAYLOADS:
        entities.append({"entity": "button", "value": text, "start": 0, "end": len(text)})
    place = understood.get("place")
    if place:
        start = max(text.find(place["text"]), 0)
        end = start + len(place["text"])
        entities.append(
            {"entity": "place", "value": place["name"], "start": start, "end": end, "additional_info": place}
        )
    if understood.get("weekday") is not None:
        entities.append({"entity": "weekday", "value": understood["weekday"], "start": 0, "end": len(text)})
    return entities


def examples_of(training_data: TrainingData) -> list[Example]:
    """Rasa's examples with their languages, which Rasa does not keep: looked up in `data/nlu`, else identified."""
    wanted = [(example.get(TEXT), example.get(INTENT)) for example in training_data.intent_examples]
    ours = load_examples(DATA / "nlu")
    if {(example.text, example.label) for example in ours} == set(wanted):
        return ours  # in the gateway's order, so that both find the same brain
    language_of = {(example.text, example.label): example.language for example in ours}
    return [Example(text, label, language_of.get((text, label)) or _language(text)) for text, label in wanted]


def _language(text: str) -> str:
    from bot.understanding.language import identify

    return identify(text).language


def trained_brain(examples: list[Example]) -> Brain:
    """The brain for these examples, from the folder that the gateway shares, else trained and put there."""
    folder = Path(os.environ.get("HEMSEHRI_VAR_DIR", "var")) / "brain"
    path = folder / f"{fingerprint(examples)}.npz"
    try:
        return Brain.load(path)
    except (FileNotFoundError, ValueError, KeyError):
        pass
    try:
        from bot.understanding.training import train

        brain = train(examples)
    except RuntimeError as error:  # the light Rasa has no scikit-learn
        raise RuntimeError("there is no classifier for these examples yet: run `bot train` first") from error
    draft = folder / f"{os.getpid()}-{path.name}"  # the gateway may be writing the same brain just now
    brain.save(draft)
    draft.replace(path)
    return brain
