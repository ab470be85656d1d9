import RestrictedUserRoute from "discourse/routes/restricted-user";
import { i18n } from "discourse-i18n";

/** One's own choices only: staff who look at somebody's preferences have no say in these. */
export default class PreferencesLcmRoute extends RestrictedUserRoute {
  titleToken() {
    return i18n("discourse_lcm.preferences.tab");
  }

  model() {
    return this.modelFor("user");
  }

  afterModel(user) {
    if (user.id !== this.currentUser?.id) {
      this.router.replaceWith("preferences.account", user);
    }
  }
}
