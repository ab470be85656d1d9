import { service } from "@ember/service";
import DiscourseRoute from "discourse/routes/discourse";
import { i18n } from "discourse-i18n";

export default class GroupLcmRoute extends DiscourseRoute {
  @service router;

  queryParams = { section: { replace: true } };

  titleToken() {
    return i18n("discourse_lcm.desk.tab");
  }

  model() {
    return this.modelFor("group");
  }

  afterModel(group) {
    if (!group.can_see_lcm_desk) {
      this.router.replaceWith("group.members", group);
    }
  }
}
