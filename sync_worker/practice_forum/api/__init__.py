"""The endpoints of Discourse's API, one module per resource."""
