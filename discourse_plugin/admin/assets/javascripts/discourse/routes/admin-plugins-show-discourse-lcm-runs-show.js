import DiscourseRoute from "discourse/routes/discourse";

export default class AdminPluginsShowDiscourseLcmRunsShowRoute extends DiscourseRoute {
  model(params) {
    return { run_id: params.run_id };
  }

  serialize({ run_id }) {
    return { run_id };
  }
}
