"""Pages of the docs that a reader can follow from an empty folder: their files and commands, copied."""

from reader import follow, missing_lines


def followed(page, tmp_path):
    """The commands of a page, each of which printed what the page shows."""
    folder = tmp_path / "reader"
    folder.mkdir()
    steps = follow(page, folder)
    for command, said, printed in steps:
        assert missing_lines(said, printed) == [], (command, printed)
    return {command: printed for command, _, printed in steps}


def test_testing_ones_own_dags(tmp_path):
    assert "4 passed" in followed("testing-your-dags.md", tmp_path)["pytest"]
