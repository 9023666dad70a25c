"""The zip of a Gradescope autograder: `setup.sh`, an executable `run_autograder`, the exercise, and cnnspec itself.

`run_autograder` writes `results/results.json` once: what cnnspec made of the answer, or, whatever went wrong, no points
and a sentence. The root is /autograder unless AUTOGRADER says otherwise. The package that makes the zip travels in it:
a grade does not change with a version, and nothing is installed by the name of cnnspec.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from shlex import quote

from cnnspec import version
from cnnspec.language import language, say
from cnnspec.teaching.quiz.bundle import files_of, own_files
from cnnspec.teaching.quiz.results import gradescope_failure
from cnnspec.teaching.quiz.sheet import Options, Output, Sheet

PACKAGE = "package"  # the folder in which cnnspec travels
REQUIREMENTS = ("lark>=1.2,<2", "pydantic>=2.8,<3")  # all that grading imports
SECONDS = 300  # Gradescope itself ends a job after ten minutes, without a word

SETUP = """\
#!/usr/bin/env bash
# Installs what cnnspec {version} beside this file needs to grade: Python 3.11 or later, lark and pydantic.
set -euo pipefail
root="${{AUTOGRADER:-/autograder}}"
new() {{ "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }}
usable() {{ new "$1" && "$1" -c 'import venv, ensurepip' 2>/dev/null; }}
pick() {{
  python=""
  for name in python3.14 python3.13 python3.12 python3.11 python3; do
    if command -v "$name" >/dev/null && usable "$name"; then
      python="$name"
      break
    fi
  done
}}
pick
if [ -z "$python" ]; then
  apt-get update
  if apt-get install -y python3 python3-venv; then pick; fi
fi
if [ -z "$python" ]; then
  apt-get install -y python3.11 python3.11-venv
  python=python3.11
fi
"$python" -m venv "$root/venv"
"$root/venv/bin/python" -m pip install {requirements}
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
export PYTHONPATH="$root/source/{package}"
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
    setup = SETUP.format(version=version.__version__, requirements=" ".join(map(quote, REQUIREMENTS)))
    run = RUN.format(seconds=SECONDS, package=PACKAGE, failure=quote(failure))
    return [
        Output("setup.sh", setup, executable=True),
        Output("run_autograder", run, executable=True),
        Output("autograde.py", script(GRADE, exercise=next(iter(files)), visibility=options.visibility)),
        *(Output(name, content) for name, content in files.items()),
        *(Output(f"{PACKAGE}/{name}", content) for name, content in own_files().items()),
    ]


def script(template: str, **values: str) -> str:
    """A Python script in which the names are written as Python writes texts; it speaks the language of the export."""
    return template.format(language=language(), **values)
