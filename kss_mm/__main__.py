"""``python -m kss_mm``: the console command ``kss-mm``."""

from kss_mm.cli.command import main

if __name__ == '__main__':
    main()
