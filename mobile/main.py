"""Android's entry point."""

from handheld.__main__ import main

if __name__ == "__main__":
    main()
