"""Install Debian packages that are missing, as root; say which ones are missing otherwise.

Usage: python scripts/system_packages.py PACKAGE ...
"""

import os
import shutil
import subprocess
import sys


def main(packages):
    missing = [package for package in packages if not is_installed(package)]
    if not missing:
        return 0
    names = " ".join(missing)
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        print(f"These packages of Debian are missing: {names}. Install them: sudo apt-get install {names}")
        return 1
    print(f"Installing {names} ...", flush=True)
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}  # the services are not started
    # Old lists of packages are often good enough, so the install decides.
    subprocess.run(["apt-get", "update", "-qq"], env=environment, check=False, stdout=subprocess.DEVNULL)
    command = ["apt-get", "install", "--yes", "-qq", "--no-install-recommends", *missing]
    if subprocess.run(command, env=environment, check=False, stdout=subprocess.DEVNULL).returncode:
        print(f"apt-get could not install {names}; its own words are above.")
        return 1
    return 0


def is_installed(package):
    """True for what dpkg knows as installed; False also where there is no dpkg."""
    if shutil.which("dpkg-query") is None:
        return False
    command = ["dpkg-query", "--show", "--showformat", "${db:Status-Status}", package]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout == "installed"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
