import { i18n } from "discourse-i18n";
import {
  dayAndTime,
  timeOfDay,
} from "discourse/plugins/discourse-lcm/discourse/lib/lcm-dates";

/**
 * What an administrator asked for, by the reader's clock and in the reader's language.
 *
 * The worker's own words about it stand where the request did not succeed.
 */
function summaryOf(run) {
  if (!run.asked || run.state === "failed" || run.state === "refused") {
    return run.summary;
  }
  const { until, days } = run.asked;
  if (run.kind === "pause") {
    return until
      ? i18n("discourse_lcm.admin.runs.paused_until", {
          when: dayAndTime(until),
        })
      : i18n("discourse_lcm.admin.runs.paused_endless");
  }
  if (run.kind === "shift") {
    const direction = days > 0 ? "later" : "earlier";
    return i18n(`discourse_lcm.admin.cohorts.will_shift_${direction}`, {
      count: Math.abs(days),
    });
  }
  return i18n("discourse_lcm.admin.runs.resumed");
}

/** @returns {object} a run with the words that tell about it */
export function describeRun(run) {
  const kind = i18n(`discourse_lcm.admin.runs.kind.${run.kind}`);
  const what = [run.playbook, run.step].filter(Boolean).join(" / ");
  return {
    ...run,
    title: what ? `${kind} (${what})` : kind,
    summary: summaryOf(run),
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
