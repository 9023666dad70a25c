"""VPL, also under Caseine: `vpl_evaluate.sh`, `vpl_run.sh`, the file that students fill, and what to do with them.

The exercise travels inside the scripts, so that no student finds it among the files. Grading is done by
`vpl_evaluate.sh`; the `vpl_execution` that it writes prints the result, in which no text of a student begins a line.
"""

from __future__ import annotations

from collections.abc import Sequence

from cnnspec import version
from cnnspec.language import say
from cnnspec.teaching.quiz.bundle import files_of, packed
from cnnspec.teaching.quiz.gradescope import script
from cnnspec.teaching.quiz.results import one_line
from cnnspec.teaching.quiz.sheet import Options, Output, Sheet, intro

ANSWER = "answer.cnn"
_START = """\
#!/bin/bash
# Made by cnnspec {version}: {what}.
[ -f vpl_environment.sh ] && . ./vpl_environment.sh
rm -f vpl_execution
work="$(mktemp -d)"
cat > "$work/exercise" <<'___'
{archive}___
cat > "$work/job.py" <<'___'
{job}___
"${{CNNSPEC_PYTHON:-python3}}" -P "$work/job.py" "$work/exercise" "$PWD"
rm -rf "$work"
if [ ! -s vpl_execution ]; then
  cat > vpl_execution <<'___'
#!/bin/bash
cat <<'END'
<|--
-{failure}
--|>
END
___
  chmod +x vpl_execution
fi
"""
_EVALUATE = """\
import os
import sys

from cnnspec.language import speak
from cnnspec.teaching.quiz.jobs import vpl

speak({language!r})
vpl(sys.argv[1], {exercise!r}, sys.argv[2], os.path.join(sys.argv[2], "vpl_execution"), os.environ)
"""
_RUN = """\
import os
import sys

from cnnspec.language import speak
from cnnspec.teaching.quiz.jobs import vpl_variant

speak({language!r})
vpl_variant(sys.argv[1], {exercise!r}, os.path.join(sys.argv[2], "vpl_execution"), os.environ)
"""


def export(made: Sequence[Sheet], options: Options) -> list[Output]:  # noqa: ARG001
    """The files of a VPL activity."""
    sheet = made[0]
    files = files_of(sheet.exercise)
    archive, name = packed(files), next(iter(files))
    return [
        Output("vpl_evaluate.sh", _script(archive, name, _EVALUATE, "grades the answer"), executable=True),
        Output("vpl_run.sh", _script(archive, name, _RUN, "shows the exercise"), executable=True),
        Output(ANSWER, _answer(sheet)),
        Output("README.md", _instructions(sheet)),
    ]


def _answer(sheet: Sheet) -> str:
    """What students begin with: the exercise, or where to find it when each has numbers of one's own."""
    settings = sheet.exercise.settings
    if settings.draw and settings.seed == "student":
        return f"# {one_line(say('`Run` shows the exercise with your own numbers: put it here and fill it in'))}\n"
    return sheet.exercise.source.text


def _script(archive: str, name: str, job: str, what: str) -> str:
    failure = say("cnnspec could not grade this: tell your teacher. No grade is proposed.")
    return _START.format(
        version=version.__version__,
        what=what,
        archive=archive,
        job=script(job, exercise=name),
        failure=one_line(failure),
    )


def _instructions(sheet: Sheet) -> str:
    lines = [
        f"# {sheet.title}",
        "",
        intro(sheet),
        "",
        say(
            "1. The execution server needs Python 3.11 and cnnspec {version}, from its wheel: "
            "`pip install ./cnnspec-{version}-py3-none-any.whl`.",
            version=version.__version__,
        ),
        say("2. In the activity, under `Requested files`, add `answer.cnn` with the content of the file here."),
        say(
            "3. Under `Execution files`, put `vpl_evaluate.sh` and `vpl_run.sh` in the place of those of the same name."
        ),
        say("4. Under `Execution options`, allow `Evaluate`, and `Automatic grade` if no person looks at it again."),
        say("5. `Run` shows students the exercise: their own variant, where numbers are drawn for each of them."),
        "",
    ]
    return "\n".join(lines)
