"""Checks that the C++ sources are formatted as .clang-format says; with --fix, formats them."""

import argparse
import subprocess
import sys

import source_tree


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fix", action="store_true", help="rewrite the files")
    mode = ["-i"] if parser.parse_args().fix else ["--dry-run", "--Werror", "--ferror-limit=1"]
    files = [source.path for source in source_tree.read_tree() if source.is_cpp]
    status = subprocess.run(["clang-format", *mode, *files], cwd=source_tree.ROOT, check=False)
    if status.returncode:
        print("clang-format: run `make format`", file=sys.stderr)
    return status.returncode


if __name__ == "__main__":
    sys.exit(main())
