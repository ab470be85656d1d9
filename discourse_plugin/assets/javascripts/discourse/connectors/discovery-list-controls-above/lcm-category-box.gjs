import Component from "@glimmer/component";
import { service } from "@ember/service";
import LcmBox from "../../components/lcm-box";
import { cohortOfCategory } from "../../lib/lcm-membership";

/** @extends {Component<{ Args: { outletArgs: { category?: any } } }>} */
export default class LcmCategoryBox extends Component {
  @service site;

  /** As a list, so that another cohort's category gets a box of its own. */
  get categoryIds() {
    const cohort = cohortOfCategory(this.site, this.args.outletArgs.category);
    return cohort ? [cohort.category_id] : [];
  }

  <template>
    {{#each this.categoryIds key="@identity" as |categoryId|}}
      <div class="container">
        <LcmBox @categoryId={{categoryId}} />
      </div>
    {{/each}}
  </template>
}
