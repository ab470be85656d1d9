import Component from "@glimmer/component";
import { LinkTo } from "@ember/routing";
import icon from "discourse/helpers/d-icon";
import { i18n } from "discourse-i18n";

/** @extends {Component<{ Args: { outletArgs: { group: any } } }>} */
export default class LcmDeskTab extends Component {
  static shouldRender({ group }) {
    return !!group.can_see_lcm_desk;
  }

  <template>
    <li class="lcm-desk-tab">
      <LinkTo @route="group.lcm" @model={{@outletArgs.group}}>
        {{icon "list-check"}}
        {{i18n "discourse_lcm.desk.tab"}}
      </LinkTo>
    </li>
  </template>
}
