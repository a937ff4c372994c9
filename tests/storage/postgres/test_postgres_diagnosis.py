from pathlib import Path

import pytest

from storage.postgres.diagnosis import diagnosis

HERE = Path("/data/postgres")


@pytest.mark.parametrize(
    ("output", "code", "retryable"),
    [
        ('FATAL:  could not write lock file "postmaster.pid": No space left on device', "database_disk_full", True),
        ('FATAL:  could not open file "base/1": Permission denied', "data_dir_not_accessible", False),
        ('FATAL:  data directory "/x" has wrong ownership', "data_dir_not_accessible", False),
        ("FATAL:  pre-existing shared memory block (key 1, ID 2) is still in use", "database_in_use", True),
        ("FATAL:  could not map anonymous shared memory: Cannot allocate memory", "database_out_of_memory", True),
        ("FATAL:  could not create shared memory segment: Invalid argument", "database_out_of_memory", True),
        ("PANIC:  could not locate a valid checkpoint record", "database_damaged", False),
        ("FATAL:  database files are incompatible with server", "database_version_mismatch", False),
        ("[Errno 30] Read-only file system: '/data'", "data_dir_read_only", False),
    ],
)
def test_known_causes(output, code, retryable):
    error = diagnosis(output, "The database did not start", HERE)
    assert (error.code, error.retryable) == (code, retryable)
    assert str(error).startswith("The database did not start. ")
    assert str(HERE) in str(error)


def test_an_unknown_cause_is_quoted():
    error = diagnosis("starting\nFATAL:  something new\n\n", "The database did not start", HERE)
    assert error.code == "database_start_failed"
    assert "FATAL:  something new" in str(error)
    assert "starting" not in str(error)


def test_what_initdb_says_of_its_steps_is_no_cause():
    output = "selecting dynamic shared memory implementation ... posix\ninitdb: error: something new\n"
    error = diagnosis(output, "The database could not be made", HERE)
    assert error.code == "database_start_failed"
    assert "something new" in str(error)


def test_silence():
    assert diagnosis("", "It did not start", HERE).code == "database_start_failed"
