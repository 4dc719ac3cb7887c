"""What was deployed, asked through AWS's API and found from the outputs alone.

pytest tests/integration --outputs FOLDER [--target local|aws] [--allow-writes]
"""
