import RouteTemplate from "ember-route-template";
import bodyClass from "discourse/helpers/body-class";
import LcmPreferences from "../../components/lcm-preferences";

/** @type {import("@ember/component/template-only").TOC<{ Args: { controller: any } }>} */
const PreferencesLcm = <template>
  {{bodyClass "user-preferences-lcm-page"}}
  <LcmPreferences />
</template>;

export default RouteTemplate(PreferencesLcm);
