import { forgetRoutes } from "./discourse/tests/helpers/create-pretender";

export function setupTest(hooks) {
  hooks.beforeEach(forgetRoutes);
}
