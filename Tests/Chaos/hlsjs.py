"""hls.js, out of a wheel on PyPI that bundles it: fetched once, kept under .build."""

import pathlib
import re
import subprocess
import sys
import venv
import zipfile

WHEEL = "gradio==6.31.0"
BUNDLE = re.compile(r"templates/frontend/assets/hls-[^/]*\.js$")
# The class is found by what it can be asked; a bundler has renamed it.
CLASS = re.compile(r"function [\w$]+\(\)\{return ([\w$]+)\.isSupported\(\)\}")
HERE = pathlib.Path(__file__).resolve().parent
KEPT = HERE.parent.parent / ".build/chaos"


def module():
    """The file of an ES module whose default export is the player's class."""
    kept = KEPT / "hls.mjs"
    if not kept.exists():
        KEPT.mkdir(parents=True, exist_ok=True)
        wheels = list(KEPT.glob("gradio-*.whl")) or download()
        with zipfile.ZipFile(wheels[0]) as wheel:
            name = next(one for one in wheel.namelist() if BUNDLE.search(one))
            text = wheel.read(name).decode()
        text = re.sub(r"//# sourceMappingURL.*", "", text)
        kept.write_text(f"{text}\nexport {{ {CLASS.search(text)[1]} as default }};\n")
        for wheel in wheels:
            wheel.unlink()
    return kept


def download():
    """The wheel, without what it depends on."""
    tools = KEPT / "venv"
    if not (tools / "bin/pip").exists():
        venv.create(tools, with_pip=True)
    subprocess.run([tools / "bin/pip", "download", "-q", "--disable-pip-version-check", "--no-deps",
                    "-d", KEPT, WHEEL], check=True, timeout=300, stdout=sys.stderr)
    return list(KEPT.glob("gradio-*.whl"))
