"""The zip of a Gradescope autograder: `setup.sh`, an executable `run_autograder`, the exercise with its settings.

`run_autograder` writes `results/results.json` once: what cnnspec made of the answer, or, whatever went wrong, no points
and a sentence. The root is /autograder unless AUTOGRADER says otherwise.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from shlex import quote

from cnnspec import version
from cnnspec.language import language, say
from cnnspec.teaching.quiz.bundle import files_of
from cnnspec.teaching.quiz.results import gradescope_failure
from cnnspec.teaching.quiz.sheet import Options, Output, Sheet

SECONDS = 300  # Gradescope itself ends a job after ten minutes, without a word

SETUP = """\
#!/usr/bin/env bash
# Installs Python 3.11 or later where there is none, and cnnspec {version} into a folder of its own.
# A wheel of cnnspec beside this file is taken before the package index is asked.
set -euo pipefail
root="${{AUTOGRADER:-/autograder}}"
here="$(cd "$(dirname "$0")" && pwd)"
new() {{ "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }}
python=""
for name in python3.13 python3.12 python3.11 python3; do
  if command -v "$name" >/dev/null && new "$name" && "$name" -c 'import venv, ensurepip' 2>/dev/null; then
    python="$name"
    break
  fi
done
if [ -z "$python" ]; then
  apt-get update
  apt-get install -y python3.11 python3.11-venv
  python=python3.11
fi
"$python" -m venv "$root/venv"
"$root/venv/bin/python" -m pip install --find-links "$here" {requirement}
"""

RUN = """\
#!/usr/bin/env bash
# Grades the submission, and writes results.json whatever happens.
root="${{AUTOGRADER:-/autograder}}"
python="$root/venv/bin/python"
[ -x "$python" ] || python=python3
mkdir -p "$root/results"
rm -f "$root/results/results.json"
cd "$root" || exit 1
timeout {seconds} "$python" -P "$root/source/autograde.py" "$root"
if [ ! -s "$root/results/results.json" ]; then
  printf '%s\\n' {failure} > "$root/results/results.part"
  mv "$root/results/results.part" "$root/results/results.json"
fi
"""

GRADE = """\
import sys

from cnnspec.language import speak
from cnnspec.teaching.quiz.jobs import gradescope

speak({language!r})
gradescope(sys.argv[1], {exercise!r}, {visibility!r})
"""


def export(made: Sequence[Sheet], options: Options) -> list[Output]:
    """What lies at the root of the zip."""
    sheet = made[0]
    files = files_of(sheet.exercise)
    total = float(sum(question.points for question in sheet.questions))
    sentence = say("The autograder could not grade this. It is not your answer's fault: tell your teacher.")
    failure = json.dumps(gradescope_failure(sentence, total))
    return [
        Output("setup.sh", SETUP.format(version=version.__version__, requirement=requirement()), executable=True),
        Output("run_autograder", RUN.format(seconds=SECONDS, failure=quote(failure)), executable=True),
        Output("autograde.py", script(GRADE, exercise=next(iter(files)), visibility=options.visibility)),
        *(Output(name, content) for name, content in files.items()),
    ]


def requirement() -> str:
    """What pip is asked for: this version, so that a grade does not change with the day."""
    return quote(f"cnnspec=={version.__version__}")


def script(template: str, **values: str) -> str:
    """A Python script in which the names are written as Python writes texts; it speaks the language of the export."""
    return template.format(language=language(), **values)
