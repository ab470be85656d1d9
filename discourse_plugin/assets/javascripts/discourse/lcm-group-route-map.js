export default {
  resource: "group",

  map() {
    this.route("lcm");
  },
};
