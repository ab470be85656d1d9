import DiscourseRecommended from "@discourse/lint-configs/eslint";

export default [
  ...DiscourseRecommended,
  {
    rules: {
      // Discourse 3.5 knows neither `discourse/ui-kit/*` nor `discourse/truth-helpers`, and its Ember 5.12 needs the wrapper
      // around route templates. Newer cores still serve the older paths. To be taken out when 3.5 is no longer supported.
      "discourse/ui-kit-imports": "off",
      "discourse/no-route-template": "off",
    },
  },
  {
    // The runner of the browser tests is for Node, and its stand-ins for core speak on the console.
    files: ["test/browser/**"],
    rules: { "no-console": "off" },
  },
];
