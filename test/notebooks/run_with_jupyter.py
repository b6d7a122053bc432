"""Runs notebooks top to bottom with Jupyter's own client. Fails on an error in a cell and on anything printed to stderr,
late or not. Usage: run_with_jupyter.py NOTEBOOK…"""
import os
import sys

import nbformat
from nbclient import NotebookClient

# What is printed late belongs to the cell that ran last: this one gives it a moment to come.
LAST_CELL = "await new Promise((resolve) => setTimeout(resolve, 500));"

failures = 0
for path in sys.argv[1:]:
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell(LAST_CELL))
    try:
        NotebookClient(notebook, timeout=300, resources={"metadata": {"path": os.path.dirname(path)}}).execute()
        said = [
            output["text"]
            for cell in notebook.cells
            for output in cell.get("outputs", [])
            if output["output_type"] == "error" or output.get("name") == "stderr"
        ]
    except Exception as error:  # whatever it is, the other notebooks are worth running
        said = [f"{type(error).__name__}: {error}"]
    print(f"{'ok    ' if not said else 'FAILED'} {path}, {len(notebook.cells) - 1} cells")
    for text in said:
        print(text)
    failures += bool(said)
sys.exit(1 if failures else 0)
