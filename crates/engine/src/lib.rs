//! Runs pods with podman or docker.
