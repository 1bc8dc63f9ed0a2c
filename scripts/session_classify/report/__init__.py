"""What people read: verdicts and reports."""
