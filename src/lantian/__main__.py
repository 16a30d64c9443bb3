"""``python -m lantian`` is the command ``lantian``."""

from lantian.cli import main

if __name__ == "__main__":
    main()
