"""Those who confirm payments, one small file each, behind the contract of `contract.py`."""
