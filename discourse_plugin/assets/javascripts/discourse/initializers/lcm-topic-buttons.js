import { withPluginApi } from "discourse/lib/plugin-api";
import LcmTopicActions from "../lib/lcm-topic-actions";

/**
 * The entries of a topic's admin menu, each with when it is there, and what it does.
 *
 * @type {{ name: string, icon: string, when: (topic: { lcm: any, closed: boolean }) => boolean, act: (actions: LcmTopicActions) => any }[]}
 */
const BUTTONS = [
  {
    name: "pin",
    icon: "thumbtack",
    when: ({ lcm }) => !lcm.pinned_until,
    act: (actions) => actions.pin(),
  },
  {
    name: "change_pin",
    icon: "thumbtack",
    when: ({ lcm }) => !!lcm.pinned_until,
    act: (actions) => actions.pin(),
  },
  {
    name: "spotlight",
    icon: "star",
    when: ({ lcm }) => !lcm.story,
    act: (actions) => actions.spotlight(),
  },
  {
    name: "mark_blocker",
    icon: "road-barrier",
    when: ({ lcm }) => lcm.blocker !== "open",
    act: (actions) => actions.markBlocker(),
  },
  {
    name: "clear_blocker",
    icon: "circle-check",
    when: ({ lcm }) => lcm.blocker === "open",
    act: (actions) => actions.clearBlocker(),
  },
  {
    name: "mark_practice",
    icon: "lightbulb",
    when: ({ lcm }) => !lcm.practice,
    act: (actions) => actions.markPractice(),
  },
  {
    name: "unmark_practice",
    icon: "lightbulb",
    when: ({ lcm }) => lcm.practice,
    act: (actions) => actions.unmarkPractice(),
  },
  {
    name: "close_at",
    icon: "far-clock",
    when: ({ closed }) => !closed,
    act: (actions) => actions.setTimer("close"),
  },
  {
    name: "open_at",
    icon: "far-clock",
    when: ({ closed }) => closed,
    act: (actions) => actions.setTimer("open"),
  },
];

function addButton(api, { name, icon, when, act }) {
  api.addTopicAdminMenuButton((topic) => {
    // Read so that the menu hears of changes.
    const lcm = topic.get("lcm");
    if (!lcm || !when({ lcm, closed: topic.get("closed") })) {
      return;
    }
    return {
      icon,
      className: `lcm-topic-${name.replaceAll("_", "-")}`,
      label: `discourse_lcm.topic.${name}`,
      action: () =>
        act(
          new LcmTopicActions(topic, {
            modal: api.container.lookup("service:modal"),
            toasts: api.container.lookup("service:toasts"),
          })
        ),
    };
  });
}

export default {
  name: "lcm-topic-buttons",

  initialize() {
    withPluginApi((api) => {
      for (const button of BUTTONS) {
        addButton(api, button);
      }
    });
  },
};
