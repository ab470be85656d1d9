export default {
  resource: "admin.adminPlugins.show",
  path: "/plugins",

  map() {
    this.route("discourse-lcm-playbooks", { path: "playbooks" });
    this.route("discourse-lcm-runs", { path: "runs" }, function () {
      this.route("show", { path: "/:run_id" });
    });
    this.route("discourse-lcm-health", { path: "health" });
  },
};
