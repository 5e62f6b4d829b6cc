"""What `fastapi.dependencies` offers to packages that look into signatures."""
