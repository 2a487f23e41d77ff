"""Every output is written aside and takes its name when it is whole."""

import multiprocessing
import os
import resource

import pytest

from kss_mm.files import whole_file, whole_path, write_whole

SIZE = 300_000


def _write_often(path: str, byte: int) -> None:
    for _ in range(50):
        write_whole(bytes([byte]) * (SIZE + byte), path)


def test_two_writers_of_one_name_never_mix(tmp_path):
    path = tmp_path / 'a.bin'
    processes = [multiprocessing.get_context('spawn').Process(target=_write_often, args=(str(path), byte))
                 for byte in (1, 2)]
    for process in processes:
        process.start()
    reads = 0
    while any(process.is_alive() for process in processes):
        if path.exists():
            content = path.read_bytes()
            assert len(set(content)) == 1 and len(content) == SIZE + content[0]
            reads += 1
    assert [process.exitcode for process in processes] == [0, 0] and reads
    assert os.listdir(tmp_path) == ['a.bin']


def test_a_failed_write_leaves_what_was_there(tmp_path):
    write_whole(b'old', tmp_path / 'a.txt')
    with pytest.raises(ZeroDivisionError):
        with whole_file(tmp_path / 'a.txt', 'w', encoding='utf-8') as file:
            file.write('half of it')
            raise ZeroDivisionError
    assert (tmp_path / 'a.txt').read_bytes() == b'old' and os.listdir(tmp_path) == ['a.txt']


def test_a_full_disk_names_the_file(tmp_path):
    write_whole(b'old', tmp_path / 'a.bin')
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 16, limits[1]))  # EFBIG in place of ENOSPC; SIGXFSZ is ignored
    try:
        with pytest.raises(OSError) as caught:
            write_whole(bytes(1 << 17), tmp_path / 'a.bin')
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert caught.value.filename == str(tmp_path / 'a.bin') and caught.value.strerror
    assert (tmp_path / 'a.bin').read_bytes() == b'old' and os.listdir(tmp_path) == ['a.bin']


def test_the_name_aside_ends_alike_and_links_stay(tmp_path):
    (tmp_path / 'link.png').symlink_to(tmp_path / 'real.png')
    with whole_path(tmp_path / 'link.png') as part:
        assert part.endswith('.png') and os.path.dirname(part) == str(tmp_path)
        with open(part, 'wb') as file:
            file.write(b'new')
    assert (tmp_path / 'link.png').is_symlink() and (tmp_path / 'real.png').read_bytes() == b'new'
    assert (tmp_path / 'real.png').stat().st_mode & 0o777 == 0o666 & ~_umask()


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
