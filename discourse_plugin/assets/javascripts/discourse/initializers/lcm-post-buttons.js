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
            buttonKeys,
            lastHiddenButtonKey: last,
            secondLastHiddenButtonKey: after,
          } = context;
          // While the menu is folded the hidden buttons are not there to be placed by: then it stands before "Reply".
          const before = [last, buttonKeys.REPLY].filter(Boolean);
          buttons.add("lcm-practice", LcmPracticeButton, { before, after });
        }
      );
    });
  },
};
