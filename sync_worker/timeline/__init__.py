"""When a step of a playbook happens, as playbooks and `lcm.yaml` write it; knows nothing of either."""
