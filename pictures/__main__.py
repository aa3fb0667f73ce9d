"""``python -m pictures`` makes the pictures of the README anew, into the folder of this file."""

from pictures import FOLDER, PICTURES

for name, made in PICTURES.items():
    (FOLDER / name).write_bytes(made())
