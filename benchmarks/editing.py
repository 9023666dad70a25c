"""What an editor waits for: from a keystroke to the diagnostics, inside the language server."""

from __future__ import annotations

from pathlib import Path

from benchmarks.measure import Benchmark, NotMeasured, Outcome, report_of

BLOCKS = """\
block conv_bn(filters, f, s = 1, p = f // 2) {
    conv filters, f=f, s=s, p=p, bias=false | batchnorm
}

block bottleneck(filters, s = 1) {
    residual {
        conv_bn filters, f=1 | relu
        conv_bn filters, f=3, s=s | relu
        conv_bn 4 * filters, f=1
    } shortcut {
        if s != 1 or channels != 4 * filters { conv_bn 4 * filters, f=1, s=s }
    }
    relu
}

input 224x224x3
conv_bn 64, f=7, s=2 | relu  -> 112x112x64
"""
ROWS = 200

# Types a digit in the middle of the file and deletes it again: from the text that arrives to the answer that leaves.
TYPING = """
import json, statistics, sys, time
from pathlib import Path
from cnnspec.lsp.problems import problems
from cnnspec.lsp.state import Documents

path = sys.argv[1]
text = Path(path).read_text()
place = text.index("bottleneck 64") + len("bottleneck 64")
documents, times = Documents(), []
for i in range(60):
    start = time.process_time()
    documents.put(path, text if i % 2 else text[:place] + "0" + text[place:])
    analysis = documents.analysis(path)
    found = problems(analysis, documents.positions(analysis.source), documents.positions)
    times.append(time.process_time() - start)
print(json.dumps({"median": statistics.median(times[10:]), "layers": len(analysis.network.layers)}))
"""


def keystroke(folder: Path) -> Outcome:
    from importlib.util import find_spec

    if find_spec("pygls") is None:
        raise NotMeasured("the language server is missing: pip install 'cnnspec[lsp]'")
    path = folder / "long.cnn"  # processor time: what else the machine does is not the server's matter
    path.write_text(long_file())
    figures = [report_of("-c", TYPING, path) for _ in range(3)]
    best = min(figure["median"] for figure in figures) * 1000
    return Outcome(f"{best:.1f} ms", f"{figures[0]['layers']:.0f} layers", best, 30, "ms")


def long_file() -> str:
    """A network of 200 lines as one writes them: blocks, then single layers with sizes, and calls among them."""
    lines = BLOCKS.splitlines()
    lines.append("maxpool 3, s=2, p=1          -> 56x56x64")
    while len(lines) < ROWS - 3:
        if len(lines) % 20 == 0:
            lines.append("bottleneck 64                -> 56x56x256")
        else:
            lines.append(
                f"conv {64 + len(lines) % 5 * 8}, f=3, p=1 | relu" + "  # as in the paper" * (len(lines) % 3 == 0)
            )
    return "\n".join([*lines, "global_avgpool | dense 10", "softmax", "expect depth > 100", ""])


BENCHMARKS = [Benchmark("lsp-keystroke", f"from keystroke to diagnostics, a file of {ROWS} lines", keystroke)]
