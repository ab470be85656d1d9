import avatar from "discourse/helpers/avatar";
import { userPath } from "discourse/lib/url";
import { displayName } from "../lib/lcm-people";

/** @type {import("@ember/component/template-only").TOC<{ Args: { user: any, withAvatar?: boolean } }>} */
const LcmUser = <template>
  <a
    href={{userPath @user.username}}
    data-user-card={{@user.username}}
    class="lcm-user"
  >
    {{#if @withAvatar}}{{avatar @user imageSize="small" hideTitle=true}}{{/if}}
    <span class="lcm-user__name">{{displayName @user}}</span>
  </a>
</template>;

export default LcmUser;
