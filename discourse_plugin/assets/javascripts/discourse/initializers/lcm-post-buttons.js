import { withPluginApi } from "discourse/lib/plugin-api";
import LcmPracticeButton from "../components/lcm-practice-button";

export default {
  name: "lcm-post-buttons",

  initialize() {
    withPluginApi((api) => {
      api.registerValueTransformer(
        "post-menu-buttons",
        ({ value: buttons, context }) => {
          const {
            lastHiddenButtonKey: last,
            secondLastHiddenButtonKey: after,
          } = context;
          buttons.add("lcm-practice", LcmPracticeButton, {
            before: last,
            after,
          });
        }
      );
    });
  },
};
