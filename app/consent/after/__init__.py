"""What comes after signing: reminders, triggers that ask anew, the end, and taking back."""
