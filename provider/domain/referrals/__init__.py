"""The referral, its submission, its status table and intake rules."""
