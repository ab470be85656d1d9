import { tracked } from "@glimmer/tracking";
import Controller from "@ember/controller";
import { action } from "@ember/object";

export default class GroupLcmController extends Controller {
  @tracked section = null;

  queryParams = ["section"];

  @action
  setSection(section) {
    this.section = section;
  }
}
