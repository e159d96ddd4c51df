"""What is set aside for loans that may not come back: by age, and as expected loss by stage."""
