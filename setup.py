"""Put configs, tools and the model index into the wheel, where OpenMMLab's packages have them: ``kss_mm/.mim``.

Everything else about the package stands in setup.cfg.
"""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

CARRIED = ('configs', 'tools', 'model-index.yml')


class BuildWithTools(build_py):
    def run(self):
        super().run()
        if self.editable_mode:  # the checkout has them beside the package
            return
        target = Path(self.build_lib, 'kss_mm', '.mim')
        shutil.rmtree(target, ignore_errors=True)  # of an earlier build
        target.mkdir(parents=True)
        for name in CARRIED:
            if Path(name).is_dir():
                shutil.copytree(name, target / name, ignore=shutil.ignore_patterns('__pycache__', '.*'))
            else:
                shutil.copy2(name, target / name)


setup(cmdclass={'build_py': BuildWithTools})
