"""Every command that the command line prints runs as it is copied: it parses, and it names the home that was given."""

import re
import subprocess

import pytest
import typer

from bank360.cli.main import app

LEDGER = "\n".join(
    f"t{n},A{n % 3},2024-01-{n % 27 + 1:02d},{'-' if n % 2 else ''}{n}.50,{('ATM', 'Web')[n % 2]}" for n in range(30)
)
LOANS = "\n".join(f"L{n:04d},{1000 + 37 * (n % 41)},{n % 5},{int(n % 41 < 12 and n % 3 > 0)}" for n in range(300))


def told(text):
    """Return every command in a text, each ended by its quotes or its line; one that has neither is told as it is."""
    quoted = re.findall(r"'bank360 ([^']+)'", text)
    plain = re.sub(r"'bank360 [^']+'", "", text)
    return [*quoted, *re.findall(r"bank360 ([a-z][^\n]*)", plain)]


def as_a_shell_reads(line):
    """Return the words that a shell hands on."""
    run = subprocess.run(["/bin/sh", "-c", f"printf '%s\\n' {line}"], capture_output=True, text=True, check=True)
    return run.stdout.splitlines()


def option_home(words):
    """Return whether the verb takes ``--home``, and what it was given; the words must parse."""
    command, name = typer.main.get_command(app), "bank360"
    while words and hasattr(command, "commands"):
        name, *words = words
        assert name in command.commands, f"there is no verb '{name}'"
        command = command.commands[name]
    context = command.make_context(name, list(words))
    return any(param.name == "home" for param in command.params), context.params.get("home")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("homes") / 'a "bank" of $ours'
    folder.mkdir()
    (folder / "ledger.csv").write_text("txn_id,account,day,amount,channel\n" + LEDGER + "\n", encoding="utf-8")
    (folder / "loans.csv").write_text("LoanRef,income,arrears,bad\n" + LOANS + "\n", encoding="utf-8")
    return folder


def test_what_a_bank_is_told_on_its_way_from_files_to_scores_runs_as_printed(bank360, home, tmp_path):
    scoring = ("score", "--in", home / "loans.csv", "--out", tmp_path / "o.csv", "--source", "loans")
    way = [
        ("check", "--home", home),  # before there is a bank
        ("init", home),
        *(
            (*words, "--home", home)
            for words in (
                ("check",), ("models", "list"), ("models", "show", "loans"), ("train",), ("score",), scoring,
                ("train", "--source", "loans"), scoring, ("models", "list"), ("models", "show", "loans"),
                ("models", "promote", "loans", "challenger", "--by", "Ann"), scoring, ("user", "list"),
                ("ingest",), ("check",), ("nightly",), ("train",), ("score",), ("profile", "list"), ("explain", "x"),
                ("rebuild",), ("doctor",), ("synth", "oracle"), ("audit", "verify"),
            )
        ),
    ]  # fmt: skip
    found = {}
    for words in way:
        ran = bank360(*words)
        for one in told(ran.out + ran.err):
            found.setdefault(one, words)
    verbs = {one.split()[0] for one in found}
    assert {"init", "ingest", "train", "models", "score", "user"} <= verbs
    wrong = []
    for one, words in found.items():
        try:
            takes, given = option_home(as_a_shell_reads(one))
        except typer.TyperException as error:
            wrong.append((one, words[:3], error.format_message()))
        else:
            if takes and str(given) != str(home):
                wrong.append((one, words[:3], "without its home"))
    assert wrong == []


def test_a_bank_in_this_folder_is_told_commands_without_a_home(bank360, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.csv").write_text("income,bad\n1,0\n2,1\n3,0\n", encoding="utf-8")
    assert "Then: bank360 train --source a\n" in bank360("init", ".").out
    assert told(bank360("check").err) == ["ingest"]


def test_a_command_that_stands_in_running_text_is_noticed():
    assert told("Run 'bank360 a b' or bank360 c d.\n  bank360 e") == ["a b", "c d.", "e"]
