"""What `martlet check` looks for: each check takes the Subject and yields Findings. `all_checks` lists them."""
