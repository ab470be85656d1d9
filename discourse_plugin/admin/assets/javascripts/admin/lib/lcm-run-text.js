import { i18n } from "discourse-i18n";
import {
  dayAndTime,
  timeOfDay,
} from "discourse/plugins/discourse-lcm/discourse/lib/lcm-dates";

/** @returns {object} a run with the words that tell about it */
export function describeRun(run) {
  const kind = i18n(`discourse_lcm.admin.runs.kind.${run.kind}`);
  const what = [run.playbook, run.step].filter(Boolean).join(" / ");
  return {
    ...run,
    title: what ? `${kind} (${what})` : kind,
    stateLabel: i18n(`discourse_lcm.admin.runs.state.${run.state}`),
    started: run.started_at
      ? dayAndTime(run.started_at)
      : i18n("discourse_lcm.admin.runs.not_started"),
    finished: run.finished_at ? dayAndTime(run.finished_at) : null,
    requested: run.requested_by
      ? i18n("discourse_lcm.admin.runs.requested_by", {
          username: run.requested_by.username,
        })
      : null,
    isUnderWay: run.state === "requested" || run.state === "running",
    lines: (run.lines ?? []).map((line) => ({
      ...line,
      time: timeOfDay(line.at),
      levelLabel: i18n(`discourse_lcm.admin.runs.level.${line.level}`),
    })),
  };
}
