"""
Reading of pictures in several processes.
"""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from django_trove.server.connectors.picture import processes
from django_trove.server.connectors.picture.errors import TooLarge, UnknownFormat, Unreadable
from django_trove.server.connectors.picture.memory import MEGABYTE, limit_memory
from django_trove.server.connectors.picture.processes import PictureReader, open_picture_reader
from django_trove.server.connectors.picture.reader import read

from ..images import draw
from ..media_files import save, two_colors

SIZES = [(60 + number, 40) for number in range(20)]
SCRIPT = """
import sys, time
from pathlib import Path
from django_trove.server.connectors.picture import processes
processes.FEW_PICTURES = 0
processes._count_cpus = lambda: 2
with processes.open_picture_reader() as reader:
    [reader.submit(Path(path))() for path in sys.argv[1:]]
    print(reader._workers.get()._process.pid, flush=True)
    time.sleep(60)
"""
DAEMON = """
import multiprocessing, sys
from pathlib import Path
from django_trove.server.connectors.picture import processes
processes.FEW_PICTURES = 0
processes._count_cpus = lambda: 2
def run():
    with processes.open_picture_reader() as reader:
        print([reader.submit(Path(path))().width for path in sys.argv[1:]], reader._workers.qsize())
process = multiprocessing.get_context("fork").Process(target=run, daemon=True)
process.start()
process.join()
"""


@pytest.fixture(autouse=True)
def _two_cpus(monkeypatch):
    monkeypatch.setattr(processes, "_count_cpus", lambda: 2)
    monkeypatch.setattr(processes, "FEW_PICTURES", 0)


@pytest.fixture
def paths(tmp_path):
    paths = [tmp_path / f"{number}.jpg" for number in range(len(SIZES))]
    for path, size in zip(paths, SIZES, strict=True):
        draw(path, size)
    return paths


@pytest.fixture
def reader():
    with open_picture_reader() as reader:
        yield reader


def count_workers(reader):
    return reader._workers.qsize()


def test_pictures_equal_those_read_in_this_process(reader, paths):
    started = [reader.submit(path) for path in paths]
    assert [get_picture() for get_picture in started] == [read(path) for path in paths]
    assert count_workers(reader) == 2


def test_few_pictures_start_no_process(reader, paths, monkeypatch):
    monkeypatch.setattr(processes, "FEW_PICTURES", len(paths))
    assert [reader.submit(path)().width for path in paths] == [size[0] for size in SIZES]
    assert count_workers(reader) == 0


def test_reasons_are_those_of_this_process(reader, tmp_path, paths):
    (tmp_path / "text.txt").write_text("hello")
    (tmp_path / "torn.jpg").write_bytes(paths[0].read_bytes()[:300])
    with pytest.raises(UnknownFormat):
        reader.submit(tmp_path / "text.txt")()
    with pytest.raises(Unreadable, match="damaged"):
        reader.submit(tmp_path / "torn.jpg")()
    with pytest.raises(Unreadable, match="removed"):
        reader.submit(tmp_path / "missing.jpg")()
    assert count_workers(reader) == 1


def test_a_file_that_takes_too_long_is_reported(reader, tmp_path, paths, monkeypatch):
    reader.submit(paths[0])()
    os.mkfifo(tmp_path / "blocks.jpg")
    monkeypatch.setattr(processes, "MAX_SECONDS", 0.5)
    with pytest.raises(Unreadable, match="too long"):
        reader.submit(tmp_path / "blocks.jpg")()
    monkeypatch.undo()
    assert reader.submit(paths[0])() == read(paths[0])


def test_a_crash_affects_one_picture(paths):
    with ThreadPoolExecutor(1) as executor:
        reader = PictureReader(executor, 128 * MEGABYTE)
        reader.submit(paths[0])()
        worker = reader._workers.get()
        worker._process.kill()
        worker._process.wait()
        reader._workers.put(worker)
        with pytest.raises(Unreadable, match="crashed"):
            reader.submit(paths[0])()
        assert reader.submit(paths[0])() == read(paths[0])
        reader.close()


def test_a_picture_may_use_the_memory_of_all_processes(tmp_path):
    options = {"progressive": True, "subsampling": 0}
    path = tmp_path / "large.jpg"
    path.write_bytes(save(two_colors((6000, 4000)), "JPEG", **options))
    with limit_memory(260 * MEGABYTE), open_picture_reader() as reader:
        assert reader.submit(path)().width == 6000
    with limit_memory(130 * MEGABYTE), pytest.raises(TooLarge):  # the share of a process
        read(path)


def test_little_memory_starts_no_process(paths):
    with limit_memory(255 * MEGABYTE), open_picture_reader() as reader:
        assert reader.submit(paths[0])() == read(paths[0])
        assert count_workers(reader) == 0


@pytest.mark.parametrize(
    "executable", ["/nonexistent/python3", "/usr/sbin/uwsgi", "/bin/false", ""]
)
def test_pictures_are_read_if_no_process_can_be_started(
    executable, reader, paths, monkeypatch, tmp_path
):
    if executable == "/bin/false":  # ends at once
        executable = tmp_path / "python"
        executable.symlink_to("/bin/false")
    monkeypatch.setattr(sys, "executable", str(executable))
    started = [reader.submit(path) for path in paths]
    assert [get_picture() for get_picture in started] == [read(path) for path in paths]
    assert count_workers(reader) == 0


def test_a_daemonic_process_reads_in_other_processes(paths):
    """
    Such a process cannot start processes with `multiprocessing`.
    """
    command = [sys.executable, "-c", DAEMON, *map(str, paths[:3])]
    result = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    assert result.stdout == "[60, 61, 62] 1\n"


def test_processes_end_with_the_reader(paths):
    with open_picture_reader() as reader:
        reader.submit(paths[0])()
        worker = reader._workers.get()
        reader._workers.put(worker)
    assert worker._process.poll() is not None


def test_processes_end_with_a_killed_parent(paths):
    command = [sys.executable, "-c", SCRIPT, *map(str, paths[:3])]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        worker = int(process.stdout.readline())
        process.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 30
    while is_running(worker):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert process.returncode == -signal.SIGKILL


def is_running(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_a_jpeg_is_decoded_at_a_fraction_of_its_size(tmp_path):
    """
    Decoding 12 megapixels completely would require 96 MB.
    """
    path = tmp_path / "photo.jpg"
    draw(path, (4000, 3000))
    with limit_memory(60 * MEGABYTE):
        picture = read(path)
    assert (picture.width, picture.height) == (4000, 3000)
    assert (picture.renditions["large"].width, picture.renditions["large"].height) == (1600, 1200)
