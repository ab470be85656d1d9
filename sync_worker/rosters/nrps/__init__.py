"""LTI Advantage Names and Role Provisioning Services (NRPS): members of courses."""
