import Component from "@glimmer/component";
import { LinkTo } from "@ember/routing";
import icon from "discourse/helpers/d-icon";
import { i18n } from "discourse-i18n";
import { myCohorts } from "../../lib/lcm-membership";

/** @extends {Component<{ Args: { outletArgs: { model: any } } }>} */
export default class LcmPreferencesTab extends Component {
  static shouldRender({ model }, { currentUser, site }) {
    return model.id === currentUser?.id && myCohorts(site).length > 0;
  }

  <template>
    <li class="user-nav__preferences-lcm">
      <LinkTo @route="preferences.lcm">
        {{icon "user-group"}}
        <span>{{i18n "discourse_lcm.preferences.tab"}}</span>
      </LinkTo>
    </li>
  </template>
}
