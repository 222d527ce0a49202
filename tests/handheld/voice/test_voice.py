"""Instructions are heard, in the order given, and never when they are stale."""

import io
import re
import shutil
import subprocess
import threading
import wave
from itertools import pairwise
from pathlib import Path

import pytest

from handheld import work
from handheld.vision.sentences import SPOKEN
from handheld.voice import build, espeak
from handheld.voice.prompts import DIST, SHOWN_ONLY, file_name, joined, spelt, vocabulary
from handheld.voice.speech import WAITING_MAX, Speech, packed
from handheld.voice.tones import RATE, TONES, tone
from handheld.work.saying.sentences import SENTENCES

LANGUAGES = ("zh", "en")
speaks = pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed")


def test_saying_returns_at_once_while_the_engine_speaks():
    begun, go_on = threading.Event(), threading.Event()
    speech = Speech([lambda *_: begun.set() or go_on.wait(10)])
    speech.say("一", "zh")
    assert begun.wait(5)
    speech.say("二", "zh")  # would wait for ever if it waited for the engine
    go_on.set()
    speech.close()


def test_at_most_two_wait_and_the_oldest_is_dropped():
    said, begun, go_on, done = [], threading.Event(), threading.Event(), threading.Event()

    def engine(text, _language):
        begun.set()
        go_on.wait(10)
        said.append(text)
        if text == "5":
            done.set()
        return True

    speech = Speech([engine])
    speech.say("1", "en")
    assert begun.wait(5)
    for text in "2345":
        speech.say(text, "en")
    go_on.set()
    assert done.wait(5)
    assert said == ["1", "4", "5"]
    assert speech.dropped == 4 - WAITING_MAX
    speech.close()


def test_an_engine_without_the_language_leaves_it_to_the_next():
    said, done = [], threading.Event()

    def broken(*_):
        raise OSError("no audio device")

    def second(text, language):
        said.append((text, language))
        done.set()
        return True

    speech = Speech([lambda *_: False, broken, second])
    speech.say("十二箱", "zh")
    assert done.wait(5)
    assert said == [("十二箱", "zh")]
    speech.close()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", [code for code in SENTENCES if not code.startswith(SHOWN_ONLY)])
def test_every_sentence_is_made_of_recorded_pieces(code, language):
    recorded(SENTENCES[code], language)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("text", SPOKEN, ids=[text.en for text in SPOKEN])
def test_what_recognition_says_is_made_of_recorded_pieces(text, language):
    assert {*re.findall(r"{.*?}", text.zh)} == {*re.findall(r"{.*?}", text.en)}
    recorded(text, language)


def recorded(text, language):
    """All of a text that isn't a value was recorded, piece by piece."""
    said = (text.say_zh or text.zh) if language == "zh" else (text.say_en or text.en)
    bare = "".join(part for part in said if part.isalnum())
    fixed = "".join(piece for piece in spelt(said.replace("{", " ").replace("}", " "), language))
    if "{" not in said and not any(part.isdigit() for part in said):
        assert "".join(part for part in fixed if part.isalnum()).lower() == bare.lower()
    assert set(spelt(said, language)) <= {*vocabulary(language), ""}


@speaks
@pytest.mark.parametrize("language", LANGUAGES)
def test_prompts_are_joined_to_one_sound(language):
    build.build()
    assert all((DIST / language / file_name(piece)).exists() for piece in vocabulary(language))
    sound = joined("12 箱" if language == "zh" else "12 boxes", language)
    with wave.open(io.BytesIO(sound)) as reader:
        assert 0.3 < reader.getnframes() / reader.getframerate() < 4
    heard = []
    assert packed(heard.append)("12", language)
    assert heard


def test_what_is_for_the_eye_alone_is_never_told():
    """No answer of the work says a sentence that has no prompts."""
    source = "".join(path.read_text() for path in Path(work.__file__).parent.rglob("*.py"))
    told = re.findall(r"say=tell\(\"(\w+)\"", source)
    assert told and not [code for code in told if code.startswith(SHOWN_ONLY)]


def test_what_was_never_recorded_is_left_to_the_screen():
    assert joined("農", "zh") is None
    assert not packed(lambda _sound: None)("農", "zh")


@speaks
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_desktop_engine_knows_the_language(language, tmp_path):
    voice = espeak.VOICES[language]
    text = "十二箱" if language == "zh" else "twelve boxes"
    subprocess.run(["espeak-ng", "-v", voice, "-w", str(tmp_path / "said.wav"), text], check=True)
    with wave.open(str(tmp_path / "said.wav")) as reader:
        assert reader.getnframes() > reader.getframerate() / 3


def test_the_three_tones_are_told_apart():
    def crossings(name):
        with wave.open(io.BytesIO(tone(name))) as reader:
            samples = memoryview(reader.readframes(reader.getnframes())).cast("h")
        signs = [sample > 0 for sample in samples if abs(sample) > 2000]
        seconds = len(samples) / RATE
        return seconds, sum(a != b for a, b in pairwise(signs)) / 2 / seconds

    lengths, pitches = zip(*(crossings(name) for name in ("ok", "warn", "no")), strict=True)
    assert lengths[0] < lengths[1] < lengths[2]
    assert pitches[0] > 3 * pitches[2]
    assert len([note for note in TONES["warn"] if note.hertz]) == 2
