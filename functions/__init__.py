"""Code that runs inside Lambda, one folder per function, and the packager that makes their archives."""
