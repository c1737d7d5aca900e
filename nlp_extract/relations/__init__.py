"""Who did what to whom: subject, action, object, modality."""
