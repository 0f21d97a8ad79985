"""The seller's desk: server-rendered pages on the API's services, in its process, at ``/console``."""
