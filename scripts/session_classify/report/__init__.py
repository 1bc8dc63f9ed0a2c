"""What people read: verdict blocks and reports."""
