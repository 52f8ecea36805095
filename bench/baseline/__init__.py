"""What is measured beside ours, each as small as it can be."""
