import Component from "@glimmer/component";
import { i18n } from "discourse-i18n";

const HEIGHT = 24;
const BAR = 10;
const STEP = 14;
/** So that one post does not look like a flood. */
const SMALLEST_SCALE = 3;

/**
 * Posts in each of the last weeks, oldest first, as bars.
 *
 * @extends {Component<{ Args: { weeks: number[] } }>}
 */
export default class LcmSparkline extends Component {
  width = STEP * 4;

  get label() {
    return i18n("discourse_lcm.desk.people.weeks_label", {
      weeks: this.args.weeks.join(", "),
    });
  }

  get viewBox() {
    return `0 0 ${STEP * this.args.weeks.length} ${HEIGHT}`;
  }

  get bars() {
    const scale = Math.max(SMALLEST_SCALE, ...this.args.weeks);
    return this.args.weeks.map((count, index) => {
      const height = count ? Math.max(3, (count / scale) * HEIGHT) : 1;
      return {
        x: index * STEP,
        y: HEIGHT - height,
        height,
        modifier: count ? "" : "lcm-sparkline__bar--none",
      };
    });
  }

  <template>
    <svg
      class="lcm-sparkline"
      role="img"
      aria-label={{this.label}}
      viewBox={{this.viewBox}}
      width={{this.width}}
      height={{HEIGHT}}
    >
      <title>{{this.label}}</title>
      {{#each this.bars as |bar|}}
        <rect
          class="lcm-sparkline__bar {{bar.modifier}}"
          x={{bar.x}}
          y={{bar.y}}
          width={{BAR}}
          height={{bar.height}}
          rx="1"
        />
      {{/each}}
    </svg>
  </template>
}
