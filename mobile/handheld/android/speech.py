"""Android's own voice: one engine for the app's life, its languages asked once."""

import threading
import time

from jnius import PythonJavaClass, java_method

from handheld.android.jni import activity, java

READY_SECONDS_MAX = 10
PAUSE_SECONDS = 0.05
SENTENCE_SECONDS_MAX = 15
LOCALES = {"zh": ("zh", "CN"), "en": ("en", "US")}


class _Ready(PythonJavaClass):  # type: ignore[misc]
    __javainterfaces__ = ("android/speech/tts/TextToSpeech$OnInitListener",)

    def __init__(self) -> None:
        super().__init__()
        self.said = threading.Event()
        self.good = False

    @java_method("(I)V")  # type: ignore[untyped-decorator]
    def onInit(self, status: int) -> None:  # noqa: N802 - Java's name
        """Be told whether there is an engine."""
        self.good = status == 0
        self.said.set()


class Voice:
    """Speaks (text, language), and says False where the device has no such voice: packed prompts then do."""

    def __init__(self) -> None:
        self._ready = _Ready()
        self._engine = java("android.speech.tts.TextToSpeech")(activity(), self._ready)
        self._language: str | None = None
        self._can: dict[str, bool] = {}

    def __call__(self, text: str, language: str) -> bool:
        """Say a text and return when it is said; called on the speech worker's thread."""
        if not self._ready.said.wait(READY_SECONDS_MAX) or not self._ready.good or not self._speaks(language):
            return False
        engine = java("android.speech.tts.TextToSpeech")
        self._engine.speak(text, engine.QUEUE_FLUSH, None, "stockbook")
        until = time.monotonic() + SENTENCE_SECONDS_MAX
        time.sleep(PAUSE_SECONDS)
        while self._engine.isSpeaking() and time.monotonic() < until:
            time.sleep(PAUSE_SECONDS)
        return True

    def _speaks(self, language: str) -> bool:
        if language != self._language:
            locale = java("java.util.Locale")(*LOCALES[language])
            # below zero: its data is missing, or it is not known at all
            self._can[language] = self._engine.setLanguage(locale) >= 0
            self._language = language
        return self._can[language]
