"""What commands and driver scripts share: options, requests, and how they end."""
