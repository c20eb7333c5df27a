"""Figures as ratios in one run: ours against the plainest loop that does the job, and against peers."""
