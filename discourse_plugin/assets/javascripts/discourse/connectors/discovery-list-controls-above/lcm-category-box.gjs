import Component from "@glimmer/component";
import LcmBox from "../../components/lcm-box";

/** @extends {Component<{ Args: { outletArgs: { category?: any } } }>} */
export default class LcmCategoryBox extends Component {
  static shouldRender({ category }, { currentUser }) {
    return !!currentUser && !!category?.lcm_cohort_key;
  }

  /** As a list, so that another category gets a box of its own. */
  get categories() {
    const { category } = this.args.outletArgs;
    return category?.lcm_cohort_key ? [category] : [];
  }

  <template>
    <div class="container">
      {{#each this.categories key="id" as |category|}}
        <LcmBox @category={{category}} />
      {{/each}}
    </div>
  </template>
}
