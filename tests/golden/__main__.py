"""``python -m tests.golden`` writes what the views say into the files beside this one."""

from tests.golden import FOLDER, contents

for path, text in contents().items():
    file = FOLDER / path
    file.parent.mkdir(exist_ok=True)
    file.write_text(f"{text}\n", "utf-8")
